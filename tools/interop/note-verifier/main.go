// Checks notes and proofs with golang.org/x/mod/sumdb: an implementation that shares no line with ours.
package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const usage = `usage: verify-note checkpoint  VKEY CHECKPOINT
       verify-note inclusion   VKEY PROOF LEAF
       verify-note consistency VKEY OLD-CHECKPOINT NEW-CHECKPOINT PROOF

VKEY is a verifier key, everything else is a file: checkpoints are signed notes, the inclusion proof is a
C2SP tlog-proof, LEAF holds the redacted line without its newline, the consistency proof is base64 hashes, a line each.
`

// The tree that a checkpoint speaks of.
type tree struct {
	size int64
	root tlog.Hash
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(64)
	}
	var err error
	switch args := os.Args[2:]; {
	case os.Args[1] == "checkpoint" && len(args) == 2:
		_, err = openCheckpoint(args[0], args[1])
	case os.Args[1] == "inclusion" && len(args) == 3:
		err = checkInclusion(args[0], args[1], args[2])
	case os.Args[1] == "consistency" && len(args) == 4:
		err = checkConsistency(args[0], args[1], args[2], args[3])
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(64)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	fmt.Println("accepted")
}

func openCheckpoint(vkey, path string) (tree, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return tree{}, err
	}
	return parseCheckpoint(vkey, text)
}

func parseCheckpoint(vkey string, text []byte) (tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree{}, errors.New("the note is no checkpoint of the key's log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tree{size, root}, err
}

func checkInclusion(vkey, proofPath, leafPath string) error {
	text, err := os.ReadFile(proofPath)
	if err != nil {
		return err
	}
	leaf, err := os.ReadFile(leafPath)
	if err != nil {
		return err
	}
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("the text is no proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if _, err := base64.StdEncoding.DecodeString(lines[0][len("extra "):]); err != nil {
			return err
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("the proof has no index")
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	tree, err := parseCheckpoint(vkey, checkpoint)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes, tree.size, tree.root, index, tlog.RecordHash(leaf))
}

func checkConsistency(vkey, oldPath, newPath, proofPath string) error {
	older, err := openCheckpoint(vkey, oldPath)
	if err != nil {
		return err
	}
	newer, err := openCheckpoint(vkey, newPath)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(proofPath)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(strings.Fields(string(text)))
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, newer.size, newer.root, older.size, older.root)
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}
