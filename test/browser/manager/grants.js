// What a script is given, on top of a port to its manager. Runs in the script's world, before the script; `forms` says which
// of GM.… and GM_… there are.
globalThis.grant = (port, forms, values) => {
  const waiting = new Map();
  const menu = new Map();
  const listeners = [];
  let last = 0;
  port.receive(message => {
    if (message.kind === 'answer') {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    } else if (message.kind === 'menu') menu.get(message.caption)?.();
    else if (message.kind === 'changed') {
      const before = values[message.key];
      values[message.key] = message.value;
      if (message.value === undefined) delete values[message.key];
      for (const each of listeners) if (each.key === message.key) each.run(message.key, before, message.value, true);
    }
  });
  const ask = question =>
    new Promise(resolve => {
      last += 1;
      waiting.set(last, resolve);
      port.send({ ...question, id: last });
    });

  const xmlHttpRequest = details => {
    const { method, url, headers, data, timeout, anonymous } = details;
    void ask({ kind: 'request', request: { method, url, headers, data, timeout, anonymous } }).then(answer => {
      if (answer.outcome === 'load') details.onload?.({ status: answer.status, responseText: answer.text });
      else if (answer.outcome === 'timeout') details.ontimeout?.();
      else details.onerror?.({ error: answer.text });
    });
  };
  const setValue = (key, value) => {
    values[key] = value;
    void ask({ kind: 'write', key, value });
  };
  const deleteValue = key => {
    delete values[key];
    void ask({ kind: 'write', key });
  };
  const getValue = (key, otherwise) => values[key] ?? otherwise;
  const registerMenuCommand = (caption, run) => {
    menu.set(caption, run);
    port.send({ kind: 'register', caption });
  };
  if (forms.includes('GM_')) {
    globalThis.GM_xmlhttpRequest = xmlHttpRequest;
    globalThis.GM_getValue = getValue;
    globalThis.GM_setValue = setValue;
    globalThis.GM_deleteValue = deleteValue;
    globalThis.GM_addValueChangeListener = (key, run) => listeners.push({ key, run });
    globalThis.GM_registerMenuCommand = registerMenuCommand;
  }
  if (forms.includes('GM.')) {
    globalThis.GM = {
      xmlHttpRequest,
      getValue: async (key, otherwise) => getValue(key, otherwise),
      setValue: async (key, value) => setValue(key, value),
      deleteValue: async key => deleteValue(key),
      registerMenuCommand,
    };
  }
};
