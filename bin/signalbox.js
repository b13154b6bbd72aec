#!/usr/bin/env node
// Old syntax on purpose, and CommonJS (package.json beside this file): on an older Node this file must still parse, to say what to
// do; and on every Node it starts a quarter faster than a module.
'use strict';
var version = process.versions.node.split('.').map(Number);
if (version[0] < 24 || (version[0] === 24 && version[1] < 15)) {
  console.error(
    'signalbox needs Node 24.15 or newer; this is ' +
      process.version +
      '.\nIn a clone, start it through npm, which brings its own: npm run demo, or npx signalbox --help\n' +
      'Where it is installed: npx -p node@24 -- signalbox --help',
  );
  process.exit(2);
}

var path = require('node:path');
var root = path.join(__dirname, '..');
var source = path.join(root, 'src/cli/main.ts');
// In a clone the sources run; what was compiled of them, types taken out, is kept: half the time and a third of the memory of
// a short command. A package has what was built; a job's container is new each time, and keeps nothing for the next one.
var isClone = require('node:fs').existsSync(source);
var args = process.argv.slice(2);
var isTag = !isClone && args[0] === 'tag';
var isLong = /^[a-z]/.test(args[0] || '') && !isTag;
var cache = path.join(root, isClone ? 'node_modules/.cache/signalbox' : '.cache');
if (isClone || isLong) {
  require('node:module').enableCompileCache(cache);
  // Threads know of it from here only. Without it each of them compiles by itself, and in a clone takes the types out, too: 40 MiB
  // of memory for a service with escalations.
  if (process.env.NODE_COMPILE_CACHE === undefined) process.env.NODE_COMPILE_CACHE = cache;
}
var program = isClone
  ? import(require('node:url').pathToFileURL(source).href)
  : Promise.resolve(isTag ? require('../dist/tag.cjs') : require('../dist/main.cjs'));
void program
  .then(cli => cli.main(isTag ? args.slice(1) : args))
  .then(code => {
    process.exitCode = code;
  });
