import type { Handler } from './call.ts';

/** One line of the route table. */
export interface Route {
  method: string;
  /** `/projects/:id/issues/:issue_iid`, below `/api/v4`. */
  path: string;
  handler: Handler;
  /** `public`: an anonymous caller gets as far as the handler; `user`: 401 without a sign-in; `admin`: 403 for others. */
  access: 'public' | 'user' | 'admin';
  /** May a CI job token call this? */
  jobToken: boolean;
}

interface Node {
  fixed: Map<string, Node>;
  variable: Node | null;
  routes: Map<string, Route>;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** A tree over the path's segments, so that finding a route costs the same with 10 or 400 of them. */
export class Router {
  readonly #root: Node = emptyNode();

  add(route: Route): void {
    let node = this.#root;
    for (const segment of segmentsOf(route.path)) node = childFor(node, segment);
    node.routes.set(route.method, route);
  }

  /** The route, or the methods the path knows (405), or null (404). Segments are matched before decoding: `acme%2Fapp` is one. */
  find(method: string, path: string): Match | string[] | null {
    const segments = segmentsOf(path);
    const values: string[] = [];
    const node = walk(this.#root, segments, 0, values, method);
    if (node === null) return null;
    const route = node.routes.get(method) ?? (method === 'HEAD' ? node.routes.get('GET') : undefined);
    if (route === undefined) return [...node.routes.keys()];
    const params: Record<string, string> = {};
    let index = 0;
    for (const segment of segmentsOf(route.path)) {
      if (segment.startsWith(':')) params[segment.slice(1)] = decode(values[index++] ?? '');
    }
    return { route, params };
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(segment => segment !== '');
}

function emptyNode(): Node {
  return { fixed: new Map(), variable: null, routes: new Map() };
}

function childFor(node: Node, segment: string): Node {
  if (segment.startsWith(':')) {
    node.variable ??= emptyNode();
    return node.variable;
  }
  const child = node.fixed.get(segment) ?? emptyNode();
  node.fixed.set(segment, child);
  return child;
}

/** Fixed segments win over variables; a dead end, or a node without the method, is left again. */
function walk(node: Node, segments: string[], depth: number, values: string[], method: string): Node | null {
  const segment = segments[depth];
  if (segment === undefined) return node.routes.size > 0 ? node : null;
  const mark = values.length;
  const fixed = node.fixed.get(segment);
  const first = fixed === undefined ? null : walk(fixed, segments, depth + 1, values, method);
  if (node.variable === null || first?.routes.has(method) === true) return first;
  const valuesOfFirst = values.splice(mark);
  values.push(segment);
  const second = walk(node.variable, segments, depth + 1, values, method);
  if (second !== null) return second;
  values.splice(mark);
  values.push(...valuesOfFirst);
  return first;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
