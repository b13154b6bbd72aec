import { element } from '../page/element.ts';

export function paragraphs(...texts: string[]): Node[] {
  return texts.filter(each => each !== '').map(each => element('p', {}, each));
}
