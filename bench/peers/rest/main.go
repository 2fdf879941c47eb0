// The REST half of a chat on gin and pgx, as chat servers in Go have it: the same work as
// Foyer's routes, prepared statements, a pool of connections, logging nothing.
//
//	rest PORT DSN
//
// register, login (Argon2id at Foyer's cost), validate, a page of history, post.
package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt"
	"github.com/jackc/pgx/v4/pgxpool"
	"golang.org/x/crypto/argon2"
)

const schema = `
CREATE TABLE IF NOT EXISTS users (
	id bigserial PRIMARY KEY, login text NOT NULL UNIQUE, email text UNIQUE,
	salt bytea NOT NULL, hash bytea NOT NULL);
CREATE TABLE IF NOT EXISTS rooms (
	id bigserial PRIMARY KEY, name text NOT NULL, seq bigint NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS members (
	room_id bigint NOT NULL REFERENCES rooms, user_id bigint NOT NULL REFERENCES users,
	PRIMARY KEY (room_id, user_id));
CREATE TABLE IF NOT EXISTS messages (
	room_id bigint NOT NULL REFERENCES rooms, seq bigint NOT NULL,
	sender_id bigint NOT NULL REFERENCES users, text text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (room_id, seq))`

const page = `
SELECT m.seq, m.text, m.created_at, u.id, u.login
FROM messages m JOIN users u ON u.id = m.sender_id
WHERE m.room_id = $1 AND EXISTS (SELECT FROM members WHERE room_id = $1 AND user_id = $2)
ORDER BY m.seq DESC LIMIT $3`

const post = `
WITH next AS (
	UPDATE rooms SET seq = seq + 1
	WHERE id = $1 AND EXISTS (SELECT FROM members WHERE room_id = $1 AND user_id = $2)
	RETURNING seq)
INSERT INTO messages (room_id, seq, sender_id, text) SELECT $1, seq, $2, $3 FROM next
RETURNING seq, created_at`

var (
	db  *pgxpool.Pool
	key = make([]byte, 32)
)

type person struct {
	Login    string `json:"login" binding:"required,min=2,max=64"`
	Email    string `json:"email"`
	Password string `json:"password" binding:"required,min=8,max=1024"`
}

type sender struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
}

type message struct {
	Seq       int64     `json:"seq"`
	Text      string    `json:"text"`
	CreatedAt time.Time `json:"created_at"`
	Sender    sender    `json:"sender"`
}

func hash(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, 2, 19456, 1, 32)
}

func signIn(c *gin.Context, status int, id int64) {
	claims := jwt.MapClaims{"sub": strconv.FormatInt(id, 10), "exp": time.Now().Add(15 * time.Minute).Unix()}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.JSON(status, gin.H{"user": gin.H{"id": id}, "access_token": token})
}

func register(c *gin.Context) {
	var p person
	if c.ShouldBindJSON(&p) != nil {
		c.AbortWithStatus(http.StatusUnprocessableEntity)
		return
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	var id int64
	err := db.QueryRow(c, "INSERT INTO users (login, email, salt, hash) VALUES ($1, $2, $3, $4) RETURNING id",
		p.Login, p.Email, salt, hash(p.Password, salt)).Scan(&id)
	if err != nil {
		c.AbortWithStatus(http.StatusConflict)
		return
	}
	signIn(c, http.StatusCreated, id)
}

func login(c *gin.Context) {
	var p person
	if c.ShouldBindJSON(&p) != nil {
		c.AbortWithStatus(http.StatusUnprocessableEntity)
		return
	}
	var id int64
	var salt, want []byte
	err := db.QueryRow(c, "SELECT id, salt, hash FROM users WHERE login = $1", p.Login).Scan(&id, &salt, &want)
	if err != nil || subtle.ConstantTimeCompare(hash(p.Password, salt), want) != 1 {
		c.AbortWithStatus(http.StatusUnauthorized)
		return
	}
	signIn(c, http.StatusOK, id)
}

// Authenticates the caller by the token alone.
func authorise(c *gin.Context) {
	header := c.GetHeader("Authorization")
	if len(header) > 7 && header[:7] == "Bearer " {
		token, err := jwt.Parse(header[7:], func(*jwt.Token) (interface{}, error) { return key, nil },
			jwt.WithValidMethods([]string{"HS256"}))
		if err == nil {
			id, _ := strconv.ParseInt(token.Claims.(jwt.MapClaims)["sub"].(string), 10, 64)
			c.Set("user", id)
			return
		}
	}
	c.AbortWithStatus(http.StatusUnauthorized)
}

func validate(c *gin.Context) {
	c.JSON(http.StatusOK, gin.H{"user_id": c.GetInt64("user")})
}

func newRoom(c *gin.Context) {
	var id int64
	err := db.QueryRow(c, `WITH r AS (INSERT INTO rooms (name) VALUES ('room') RETURNING id)
		INSERT INTO members SELECT id, $1 FROM r RETURNING room_id`, c.GetInt64("user")).Scan(&id)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.JSON(http.StatusCreated, gin.H{"id": id})
}

func roomOf(c *gin.Context) int64 {
	id, _ := strconv.ParseInt(c.Param("room"), 10, 64)
	return id
}

func history(c *gin.Context) {
	limit, err := strconv.Atoi(c.DefaultQuery("limit", "50"))
	if err != nil || limit < 1 || limit > 100 {
		c.AbortWithStatus(http.StatusUnprocessableEntity)
		return
	}
	rows, err := db.Query(c, page, roomOf(c), c.GetInt64("user"), limit)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	items := make([]message, 0, limit)
	for rows.Next() {
		var m message
		if rows.Scan(&m.Seq, &m.Text, &m.CreatedAt, &m.Sender.ID, &m.Sender.Login) != nil {
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		items = append(items, m)
	}
	for i, k := 0, len(items)-1; i < k; i, k = i+1, k-1 {
		items[i], items[k] = items[k], items[i]
	}
	c.JSON(http.StatusOK, gin.H{"items": items})
}

func say(c *gin.Context) {
	var m message
	if c.ShouldBindJSON(&m) != nil || len(m.Text) == 0 || len(m.Text) > 32000 {
		c.AbortWithStatus(http.StatusUnprocessableEntity)
		return
	}
	m.Sender.ID = c.GetInt64("user")
	if db.QueryRow(c, post, roomOf(c), m.Sender.ID, m.Text).Scan(&m.Seq, &m.CreatedAt) != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusCreated, m)
}

func main() {
	var err error
	rand.Read(key)
	if db, err = pgxpool.Connect(context.Background(), os.Args[2]); err != nil {
		panic(err)
	}
	if _, err = db.Exec(context.Background(), schema); err != nil {
		panic(err)
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.POST("/auth/register", register)
	router.POST("/auth/login", login)
	signed := router.Group("/", authorise)
	signed.GET("/auth/validate", validate)
	signed.POST("/rooms", newRoom)
	signed.GET("/rooms/:room/messages", history)
	signed.POST("/rooms/:room/messages", say)
	panic(router.Run("127.0.0.1:" + os.Args[1]))
}
