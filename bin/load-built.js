// Beside signalbox.js, whose rules hold here too.
'use strict';
var fs = require('node:fs');
var path = require('node:path');
var vm = require('node:vm');

var HEAD = '(function (exports, require, module, __filename, __dirname) { ';

/**
 * What V8 made of a built file, kept beside it by the build, so that nothing has to be compiled when it runs. It counts only for
 * the same V8; any other looks at its head, leaves it alone and compiles.
 */
function compile(file, cachedData, filename = file) {
  return new vm.Script(HEAD + fs.readFileSync(file, 'latin1') + '\n})', {
    filename: filename,
    cachedData: cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
}

function readCache(file) {
  try {
    return fs.readFileSync(file + '.v8');
  } catch {
    return undefined;
  }
}

var loaded = new Map();

/** Loads a file of dist as require() would, and its parts with it. */
function loadBuilt(file) {
  var module = loaded.get(file);
  if (module) return module.exports;
  module = { exports: {} };
  loaded.set(file, module);
  var folder = path.dirname(file);
  var requirePart = name => (name.startsWith('./') ? loadBuilt(path.join(folder, name)) : require(name));
  compile(file, readCache(file)).runInThisContext()(module.exports, requirePart, module, file, folder);
  return module.exports;
}
exports.loadBuilt = loadBuilt;

function inAscii(code) {
  return code.replace(/[^\0-\x7f]/g, unit => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0'));
}

/**
 * For the build: keeps every function of the file compiled. The file itself is rewritten in ASCII, because one other letter makes
 * V8 hold the whole of it in twice the memory.
 */
exports.writeCache = file => {
  var v8 = require('node:v8');
  var code = fs.readFileSync(file, 'utf8');
  if (/(?<!\\)(?:\\\\)*\\[^\0-\x7f]|String\.raw`[^`]*[^\0-\x7f]/.test(code))
    throw new Error(file + ' has a letter that cannot be escaped');
  fs.writeFileSync(file, inAscii(code));
  v8.setFlagsFromString('--no-lazy');
  // Without the folder, which is the build machine's.
  var script = compile(file, undefined, path.basename(file));
  // The flags at the time of writing are those that a reader must have.
  v8.setFlagsFromString('--lazy');
  fs.writeFileSync(file + '.v8', script.createCachedData());
};
