import type { Frame } from '../parse/report.ts';

/** `text` without what is between `open` and `close`, nested or not; an arrow's or operator's `>` opens nothing. */
function without(text: string, open: string, close: string): string {
  let depth = 0;
  let result = '';
  for (const char of text) {
    if (char === open) depth++;
    else if (char === close && depth > 0) depth--;
    else if (depth === 0) result += char;
  }
  return result;
}

/** The stable name of a C++, Rust or C function: no parameters, template arguments, lambda numbers or ABI tags. */
export function cppName(frame: Frame): string {
  const plain = frame.func
    .replace(/operator(<=>|<<=?|>>=?|->\*?|<=?|>=?|\(\))/g, 'operator')
    .replace(/\(anonymous namespace\)/g, '_anonymous_')
    .replace(/'lambda\d*'/g, 'lambda')
    .replace(/\{lambda[^}]*\}|\$_\d+|\{\{closure\}\}/g, 'lambda')
    .replace(/\[abi:[^\]]*\]|::h[0-9a-f]{16}$/g, '');
  const name = without(without(plain, '<', '>'), '(', ')')
    .replace(/\s+(?:const|volatile|noexcept|&&?)+(?=\s|$)/g, '')
    .trim();
  // A return type is printed for templates only, and separated by a space.
  const last = /operator\s/.test(name) ? name : (name.split(/\s+/).at(-1) ?? name);
  return last === '' ? frame.func : last;
}

/** Functions of the sanitizer, the C library and the C++ library: where accesses happen, never whose fault they are. */
export function isCppRuntime(frame: Frame): boolean {
  const name = cppName(frame);
  if (frame.func === '' || frame.func === '<null>' || name === '??') return true;
  if (
    /^(?:__tsan|__interceptor|___interceptor|__sanitizer|__gthread|std::|__gnu_cxx::|core::|alloc::|operator)/.test(
      name,
    )
  ) {
    return true;
  }
  if (/^(?:mem(?:set|cpy|move|cmp|chr)|str(?:len|cpy|cmp|chr|dup)|malloc|calloc|realloc|free|pthread_\w+)$/.test(name))
    return true;
  // A wrapped system call has no file; the application's own `close` or `read` has one.
  if (/^(?:epoll_\w+|close|read|write|send|recv|open)$/.test(name)) return frame.file === null;
  return false;
}
