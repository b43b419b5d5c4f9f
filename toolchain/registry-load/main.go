// What clients of Docker send to a registry, and nothing else of what they do: the benchmark reads from standard input, as JSON, which
// images to push or pull and in what way, and prints, as JSON, what it took.
package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// As many layers as Docker's engine sends and gets at once (max-concurrent-uploads, max-concurrent-downloads).
	uploads   = 5
	downloads = 3
	oci       = "application/vnd.oci.image."
)

type order struct {
	URL      string `json:"url"`
	CA       string `json:"ca"` // PEM of what signed its certificate
	User     string `json:"user"`
	Password string `json:"password"`
	// "push" or "pull"
	Do string `json:"do"`
	// Of the repository; each client has a repository of its own below it.
	Name    string `json:"name"`
	Clients int    `json:"clients"`
	Layers  int    `json:"layers"`
	Bytes   int    `json:"bytes"` // of a layer
	// A connection for each request, as Docker's engine had until release 28.
	Reconnect bool `json:"reconnect"`
}

type result struct {
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu"` // seconds, of this program
	Requests int64   `json:"requests"`
}

type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int    `json:"size"`
}

type blob struct {
	descriptor
	content []byte
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

type client struct {
	order
	http       *http.Client
	repository string
	config     blob
	layers     []blob
	requests   *atomic.Int64
}

func main() {
	log.SetFlags(0)
	var o order
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		log.Fatal(err)
	}
	var requests atomic.Int64
	clients := make([]*client, o.Clients)
	for i := range clients {
		clients[i] = newClient(o, i, &requests)
	}
	began, before := time.Now(), processorTime()
	err := inParallel(len(clients), len(clients), func(i int) error { return clients[i].run() })
	if err != nil {
		log.Fatal(err)
	}
	r := result{time.Since(began).Seconds(), (processorTime() - before).Seconds(), requests.Load()}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		log.Fatal(err)
	}
}

func newClient(o order, index int, requests *atomic.Int64) *client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(o.CA))
	// No HTTP/2, and no more than the standard library's two idle connections, as in Docker's engine.
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: o.Reconnect}
	repository := fmt.Sprintf("%s/%d", o.Name, index)
	c := &client{order: o, http: &http.Client{Transport: transport}, repository: repository, requests: requests}
	if o.Do != "push" {
		return c
	}
	// Nothing can compress it, and no layer was there before.
	random := rand.NewChaCha8(sha256.Sum256([]byte(repository)))
	for range o.Layers {
		content := make([]byte, o.Bytes)
		random.Read(content)
		c.layers = append(c.layers, newBlob("layer.v1.tar", content))
	}
	config := fmt.Appendf(nil, `{"os":"linux","architecture":"amd64","history":[{"comment":%q}]}`, repository)
	c.config = newBlob("config.v1+json", config)
	return c
}

func (c *client) run() error {
	defer c.http.CloseIdleConnections()
	// Whether it wants a password is asked first.
	if _, err := c.send("GET", "/v2/", false, nil, nil, 200, 401); err != nil {
		return err
	}
	if c.Do == "push" {
		return c.push()
	}
	return c.pull()
}

func (c *client) push() error {
	err := inParallel(len(c.layers), uploads, func(i int) error { return c.pushBlob(c.layers[i]) })
	if err != nil {
		return err
	}
	if err := c.pushBlob(c.config); err != nil {
		return err
	}
	m := manifest{2, oci + "manifest.v1+json", c.config.descriptor, nil}
	for _, layer := range c.layers {
		m.Layers = append(m.Layers, layer.descriptor)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = c.send("PUT", c.path("manifests/latest"), true, bytes.NewReader(body), http.Header{"Content-Type": {m.MediaType}}, 201)
	return err
}

func (c *client) pushBlob(b blob) error {
	if _, err := c.send("HEAD", c.path("blobs/"+b.Digest), true, nil, nil, 404); err != nil {
		return err
	}
	upload, err := c.send("POST", c.path("blobs/uploads/"), true, nil, nil, 202)
	if err != nil {
		return err
	}
	// Its length is not said, as it is not known while a layer is compressed.
	body := struct{ io.Reader }{bytes.NewReader(b.content)}
	if upload, err = c.send("PATCH", upload.location, true, body, nil, 202); err != nil {
		return err
	}
	end, err := url.Parse(upload.location)
	if err != nil {
		return err
	}
	query := end.Query()
	query.Set("digest", b.Digest)
	end.RawQuery = query.Encode()
	if _, err = c.send("PUT", end.String(), true, nil, nil, 201); err != nil {
		return err
	}
	_, err = c.send("HEAD", c.path("blobs/"+b.Digest), true, nil, nil, 200)
	return err
}

func (c *client) pull() error {
	accept := http.Header{"Accept": {oci + "manifest.v1+json"}}
	named, err := c.send("HEAD", c.path("manifests/latest"), true, nil, accept, 200)
	if err != nil {
		return err
	}
	got, err := c.send("GET", c.path("manifests/"+named.digest), true, nil, accept, 200)
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(got.body, &m); err != nil {
		return err
	}
	if len(m.Layers) != c.Layers {
		return fmt.Errorf("%d layers instead of %d", len(m.Layers), c.Layers)
	}
	blobs := append([]descriptor{m.Config}, m.Layers...)
	return inParallel(len(blobs), downloads, func(i int) error {
		_, err := c.send("GET", c.path("blobs/"+blobs[i].Digest), true, nil, nil, 200)
		return err
	})
}

type answer struct {
	location, digest string
	body             []byte
}

// Sends one request; what is got by its digest has that digest.
func (c *client) send(method, target string, authenticated bool, body io.Reader, header http.Header, expected ...int) (answer, error) {
	c.requests.Add(1)
	if strings.HasPrefix(target, "/") {
		target = c.URL + target
	}
	request, err := http.NewRequest(method, target, body)
	if err != nil {
		return answer{}, err
	}
	if header != nil {
		request.Header = header.Clone()
	}
	if authenticated && c.User != "" {
		request.SetBasicAuth(c.User, c.Password)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	var small bytes.Buffer
	sum := sha256.New()
	// A layer is only counted and hashed.
	to := io.MultiWriter(sum, &limited{&small, 1 << 20})
	if _, err := io.Copy(to, response.Body); err != nil {
		return answer{}, err
	}
	for _, status := range expected {
		if response.StatusCode != status {
			continue
		}
		got := fmt.Sprintf("sha256:%x", sum.Sum(nil))
		if wanted := target[strings.LastIndex(target, "/")+1:]; method == "GET" && strings.HasPrefix(wanted, "sha256:") && got != wanted {
			return answer{}, fmt.Errorf("GET %s: got %s", target, got)
		}
		return answer{response.Header.Get("Location"), response.Header.Get("Docker-Content-Digest"), small.Bytes()}, nil
	}
	return answer{}, fmt.Errorf("%s %s: %s %s", method, target, response.Status, small.Bytes())
}

// Keeps no more than the first bytes.
type limited struct {
	*bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	l.Buffer.Write(p[:n])
	return len(p), nil
}

func (c *client) path(rest string) string {
	return "/v2/" + c.repository + "/" + rest
}

func newBlob(kind string, content []byte) blob {
	return blob{descriptor{oci + kind, fmt.Sprintf("sha256:%x", sha256.Sum256(content)), len(content)}, content}
}

// Runs it for 0 to n-1, so many at once.
func inParallel(n, atOnce int, run func(int) error) error {
	errs := make([]error, n)
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Add(1)
		go func() {
			defer all.Done()
			errs[i] = run(i)
			<-slots
		}()
	}
	all.Wait()
	return errors.Join(errs...)
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
