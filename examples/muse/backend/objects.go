package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// objects is the part of the S3 protocol this program needs, signed by AWS Signature Version 4.
type objects struct {
	endpoint, bucket, accessKey, secretKey string
	client                                 http.Client
}

func objectsFromEnv() *objects {
	return &objects{
		endpoint:  strings.TrimSuffix(os.Getenv("MINIO_ENDPOINT"), "/"),
		bucket:    env("MINIO_BUCKET", "scores"),
		accessKey: os.Getenv("MINIO_ACCESS_KEY"),
		secretKey: os.Getenv("MINIO_SECRET_KEY"),
		client:    http.Client{Timeout: 5 * time.Second},
	}
}

func (o *objects) ping() error {
	answer, err := o.client.Get(o.endpoint + "/minio/health/live")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("minio answers %s", answer.Status)
	}
	return nil
}

func (o *objects) createBucket() error {
	_, status, err := o.send(http.MethodPut, "/"+o.bucket, nil)
	if status == http.StatusConflict { // it is ours already
		return nil
	}
	return err
}

func (o *objects) put(key string, body []byte) error {
	_, _, err := o.send(http.MethodPut, "/"+o.bucket+"/"+key, body)
	return err
}

func (o *objects) get(key string) ([]byte, error) {
	body, _, err := o.send(http.MethodGet, "/"+o.bucket+"/"+key, nil)
	return body, err
}

// send signs and sends one request. Paths are made of letters, digits, dots and slashes only, so none needs escaping.
func (o *objects) send(method, path string, body []byte) ([]byte, int, error) {
	request, err := http.NewRequest(method, o.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	const region, headers = "us-east-1", "host;x-amz-content-sha256;x-amz-date"
	stamp := time.Now().UTC().Format("20060102T150405Z")
	scope := stamp[:8] + "/" + region + "/s3/aws4_request"
	digest := hash(body)
	canonical := strings.Join([]string{method, path, "",
		"host:" + request.URL.Host, "x-amz-content-sha256:" + digest, "x-amz-date:" + stamp, "", headers, digest}, "\n")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, hash([]byte(canonical))}, "\n")
	key := []byte("AWS4" + o.secretKey)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	request.Header.Set("X-Amz-Content-Sha256", digest)
	request.Header.Set("X-Amz-Date", stamp)
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		o.accessKey, scope, headers, hex.EncodeToString(mac(key, toSign))))

	answer, err := o.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s", method, path, answer.Status)
	}
	return content, answer.StatusCode, err
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
