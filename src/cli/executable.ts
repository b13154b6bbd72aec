import { main } from './main.ts';

// What the single executable runs (scripts/build-binary.ts); everywhere else it is bin/signalbox.js.
void main(process.argv.slice(2)).then(code => {
  process.exitCode = code;
});
