package main

import (
	"strings"

	"golang.org/x/net/html"
)

func elements(root *html.Node) []*html.Node {
	var list []*html.Node
	if root == nil {
		return nil
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			list = append(list, n)
		}
	}
	return list
}

func all(root *html.Node, name string) []*html.Node {
	var list []*html.Node
	for _, n := range elements(root) {
		if n.Data == name {
			list = append(list, n)
		}
	}
	return list
}

func first(root *html.Node, name string) *html.Node {
	if list := all(root, name); len(list) > 0 {
		return list[0]
	}
	return nil
}

func lookup(n *html.Node, name string) (string, bool) {
	if n != nil {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
	}
	return "", false
}

func attr(n *html.Node, name string) string {
	v, _ := lookup(n, name)
	return v
}

func text(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func within(n *html.Node, name string) bool {
	for p := range n.Ancestors() {
		if p.Data == name {
			return true
		}
	}
	return false
}
