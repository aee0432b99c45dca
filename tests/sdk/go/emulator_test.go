// Starts sas-emulator on a free port for the time of one test, and stops it.

package sdk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	shared = "../shared"
	ready  = "sas-emulator ready http://"
)

// Settings of the person who runs the tests must reach neither the emulator under test nor the SDKs, which read proxies
// from the environment.
func TestMain(m *testing.M) {
	for _, setting := range os.Environ() {
		name, _, _ := strings.Cut(setting, "=")
		if strings.HasPrefix(name, "SAS_EMULATOR_") || strings.HasSuffix(strings.ToLower(name), "_proxy") {
			os.Unsetenv(name)
		}
	}
	if os.Getenv("EMULATOR_BIN") == "" {
		fmt.Fprintln(os.Stderr, "EMULATOR_BIN does not name a binary; tests/sdk/run finds one")
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// serve starts an emulator with these flags and gives its address; what it logs is shown if the test fails.
func serve(t *testing.T, flags ...string) string {
	t.Helper()
	command := exec.Command(os.Getenv("EMULATOR_BIN"), append([]string{"--listen", "127.0.0.1:0"}, flags...)...)
	command.Dir = shared
	var log bytes.Buffer
	command.Stderr = &log
	output, err := command.StdoutPipe()
	check(t, err)
	check(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		if err := command.Wait(); err != nil {
			t.Errorf("the emulator did not stop in peace: %v", err)
		}
		if t.Failed() {
			t.Logf("the emulator logged:\n%s", log.String())
		}
	})
	line, _ := bufio.NewReader(output).ReadString('\n')
	host, isReady := strings.CutPrefix(strings.TrimSpace(line), ready)
	if !isReady {
		t.Fatalf("the emulator did not start: it said %q", line)
	}
	return host
}

// advance moves the task clock.
func advance(t *testing.T, host, by string) {
	t.Helper()
	order := strings.NewReader(fmt.Sprintf(`{"action":"advance","by":%q}`, by))
	request, err := http.NewRequest(http.MethodPut, "http://"+host+"/_emulator/clock", order)
	check(t, err)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	check(t, err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the clock does not move: %s", answer.Status)
	}
}

// read parses a file that all languages share.
func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared, name))
	check(t, err)
	check(t, json.Unmarshal(text, into))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
