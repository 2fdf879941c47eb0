// A hub with rooms on gin and gorilla/websocket, as chat servers in Go have it: one
// goroutine that owns a room's listeners, two for each connection, and what is queued
// for a connection joined into one message, with line ends between.
//
//	hub PORT
package main

import (
	"net/http"
	"os"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"
)

const queue = 256

type client struct {
	room *room
	conn *websocket.Conn
	send chan []byte
}

type room struct {
	clients    map[*client]bool
	register   chan *client
	unregister chan *client
	broadcast  chan []byte
}

var (
	// what is queued goes out as one frame, and idle connections hold no buffer
	upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 16 * 1024,
		WriteBufferPool: &sync.Pool{}}
	lock  sync.Mutex
	rooms = map[string]*room{}
)

func roomOf(name string) *room {
	lock.Lock()
	defer lock.Unlock()
	r := rooms[name]
	if r == nil {
		r = &room{
			clients:    map[*client]bool{},
			register:   make(chan *client),
			unregister: make(chan *client),
			broadcast:  make(chan []byte, queue),
		}
		rooms[name] = r
		go r.run()
	}
	return r
}

func (r *room) remove(c *client) {
	if r.clients[c] {
		delete(r.clients, c)
		close(c.send)
	}
}

func (r *room) run() {
	for {
		select {
		case c := <-r.register:
			r.clients[c] = true
		case c := <-r.unregister:
			r.remove(c)
		case text := <-r.broadcast:
			for c := range r.clients {
				select {
				case c.send <- text:
				default: // too slow
					r.remove(c)
				}
			}
		}
	}
}

func (c *client) read() {
	defer func() {
		c.room.unregister <- c
		c.conn.Close()
	}()
	for {
		_, text, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		c.room.broadcast <- text
	}
}

func (c *client) write() {
	defer c.conn.Close()
	for text := range c.send {
		w, err := c.conn.NextWriter(websocket.TextMessage)
		if err != nil {
			return
		}
		w.Write(text)
		for n := len(c.send); n > 0; n-- {
			w.Write([]byte{'\n'})
			w.Write(<-c.send)
		}
		if w.Close() != nil {
			return
		}
	}
}

func enter(g *gin.Context) {
	conn, err := upgrader.Upgrade(g.Writer, g.Request, nil)
	if err != nil {
		return
	}
	c := &client{roomOf(g.Param("room")), conn, make(chan []byte, queue)}
	c.room.register <- c
	go c.write()
	go c.read()
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.GET("/ws/:room", enter)
	http.ListenAndServe("127.0.0.1:"+os.Args[1], router)
}
