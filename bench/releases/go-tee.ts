import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Go server of the usual design: the body goes through io.TeeReader into MD5 and a file. */
const SOURCE = `package main

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func receive(durable bool) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		file, err := os.CreateTemp(os.Args[1], "upload")
		if err != nil {
			http.Error(answer, err.Error(), 500)
			return
		}
		defer os.Remove(file.Name())
		defer file.Close()
		hash := md5.New()
		if _, err := io.Copy(file, io.TeeReader(request.Body, hash)); err != nil {
			http.Error(answer, err.Error(), 500)
			return
		}
		if durable {
			if err := file.Sync(); err != nil {
				http.Error(answer, err.Error(), 500)
				return
			}
		}
		sum := hex.EncodeToString(hash.Sum(nil))
		if sum != request.Header.Get("X-Checksum-MD5") {
			http.Error(answer, "digest", 400)
			return
		}
		fmt.Fprintln(answer, sum)
	}
}

func main() {
	http.HandleFunc("/plain", receive(false))
	http.HandleFunc("/durable", receive(true))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
`;

/** Builds it with Debian's Go, and returns the program's path; null where there is no Go. */
export function buildGoTee(directory: string): string | null {
  const source = join(directory, 'tee.go');
  const program = join(directory, 'tee');
  writeFileSync(source, SOURCE);
  try {
    const env = { ...process.env, GOCACHE: join(directory, 'go-cache'), GOFLAGS: '-mod=mod', GO111MODULE: 'off' };
    execFileSync('go', ['build', '-o', program, source], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    return program;
  } catch {
    return null;
  }
}
