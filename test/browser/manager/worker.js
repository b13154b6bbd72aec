// The manager's background: keeps values, carries requests out that `@connect` allows, and passes presses in its menu on.
/* global chrome */
const ports = new Set();
let installed;

/** What the tests call. */
globalThis.manager = {
  install: async script => {
    installed = { values: {}, ...script };
    await chrome.userScripts.configureWorld({ messaging: true });
    await chrome.userScripts.register([{ ...registration(), runAt: 'document_idle', world: 'USER_SCRIPT' }]);
  },
  write,
  values: () => installed.values,
  menu: async caption => {
    for (const port of ports) {
      const tab = await chrome.tabs.get(port.sender.tab.id);
      if (tab.active) port.postMessage({ kind: 'menu', caption });
    }
  },
};

function registration() {
  const { source, grants, forms, matches, noFrames, values } = installed;
  const code = `
    ${grants}
    grant((port => ({
      send: message => port.postMessage(message),
      receive: taken => port.onMessage.addListener(taken),
    }))(chrome.runtime.connect()), ${JSON.stringify(forms)}, ${JSON.stringify(values)});
    ${source}`;
  return { id: 'script', matches, allFrames: !noFrames, js: [{ code }] };
}

async function write(key, value) {
  if (value === undefined) delete installed.values[key];
  else installed.values[key] = value;
  await chrome.userScripts.update([registration()]);
}

chrome.runtime.onUserScriptConnect.addListener(port => {
  ports.add(port);
  port.onDisconnect.addListener(() => ports.delete(port));
  port.onMessage.addListener(async message => {
    if (message.kind === 'request')
      port.postMessage({ kind: 'answer', id: message.id, ...(await send(message.request)) });
    if (message.kind !== 'write') return;
    await write(message.key, message.value);
    port.postMessage({ kind: 'answer', id: message.id });
    for (const other of ports)
      if (other !== port) other.postMessage({ kind: 'changed', key: message.key, value: message.value });
  });
});

async function send({ method, url, headers, data, timeout, anonymous }) {
  if (!installed.connects.includes(new URL(url).hostname)) return { outcome: 'error', text: 'not allowed by @connect' };
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: data,
      credentials: anonymous ? 'omit' : 'include',
      signal: AbortSignal.timeout(timeout),
    });
    return { outcome: 'load', status: response.status, text: await response.text() };
  } catch (error) {
    return { outcome: error.name === 'TimeoutError' ? 'timeout' : 'error', text: String(error) };
  }
}
