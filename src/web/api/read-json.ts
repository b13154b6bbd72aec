/**
 * Characters that turn the direction of what follows. Within a line not even an element of its own contains them: an isolate that
 * is opened in a customer's name and never closed swallows the end of ours. They are shown as what they are, a sign that
 * something is wrong there. Letters of any script, which have a direction of their own, stay.
 */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** Reads an answer of the service, so that no text in it can rearrange the page around it. */
export function readJson<T>(text: string): T {
  return JSON.parse(text.replace(TURNING, '\ufffd')) as T;
}
