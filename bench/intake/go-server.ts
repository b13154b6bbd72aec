import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Go's net/http; whatever arrives while one fsync runs shares the next one. Appends to a file, so it does less than a database. */
const SOURCE = `package main

import (
	"crypto/subtle"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

type item struct {
	body []byte
	done chan error
}

func main() {
	file, err := os.OpenFile(os.Args[1], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	secret := []byte(os.Getenv("BENCH_SECRET"))
	queue := make(chan item, 1024)
	go func() {
		for first := range queue {
			batch := []item{first}
		collect:
			for len(batch) < 256 {
				select {
				case next := <-queue:
					batch = append(batch, next)
				default:
					break collect
				}
			}
			var failed error
			for _, each := range batch {
				if _, err := file.Write(each.body); err != nil {
					failed = err
				}
			}
			if err := file.Sync(); err != nil {
				failed = err
			}
			for _, each := range batch {
				each.done <- failed
			}
		}
	}()
	http.HandleFunc("/hook", func(answer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil || subtle.ConstantTimeCompare([]byte(request.Header.Get("X-Gitlab-Token")), secret) != 1 {
			answer.WriteHeader(400)
			return
		}
		done := make(chan error, 1)
		queue <- item{body, done}
		if err := <-done; err != nil {
			answer.WriteHeader(500)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("port %d\\n", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
`;

/** @returns the program's file, or undefined where Go is not installed or cannot build it */
export function buildGoServer(directory: string): string | undefined {
  const program = join(directory, 'grouped-fsync');
  writeFileSync(join(directory, 'main.go'), SOURCE);
  try {
    const env = { ...process.env, GOCACHE: join(directory, 'go-cache'), GOFLAGS: '-mod=mod', GO111MODULE: 'off' };
    execFileSync('go', ['build', '-o', program, 'main.go'], { cwd: directory, env, stdio: 'ignore' });
    return program;
  } catch {
    return undefined;
  }
}
