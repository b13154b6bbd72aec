#!/usr/bin/env node
// Old syntax on purpose: on an older Node this file must still parse, to say what to do.
var version = process.versions.node.split('.').map(Number);
if (version[0] < 24 || (version[0] === 24 && version[1] < 15)) {
  console.error(
    'signalbox needs Node 24.15 or newer; this is ' +
      process.version +
      '.\nIn a clone, start it through npm, which brings its own: npm run demo, or npx signalbox --help\n' +
      'Elsewhere: npx -p node@24 -p signalbox signalbox --help',
  );
  process.exit(2);
}

void import('node:fs')
  .then(fs => {
    var built = new URL('../dist/cli/main.js', import.meta.url);
    var source = new URL('../src/cli/main.ts', import.meta.url);
    // Keeps what was compiled, types taken out: from source, half the time and a third of the memory of a short command.
    var modules = new URL('../node_modules', import.meta.url);
    var folder = process.getBuiltinModule('node:url').fileURLToPath(modules) + '/.cache/signalbox';
    if (fs.existsSync(modules)) process.getBuiltinModule('node:module').enableCompileCache(folder);
    return import(fs.existsSync(source) ? source.href : built.href);
  })
  .then(cli => cli.main(process.argv.slice(2)))
  .then(code => {
    process.exitCode = code;
  });
