module github.com/skillcask/skillcask/skills/internal/bench

go 1.26.0

require github.com/stacklok/toolhive-core v0.0.40

require (
	github.com/adrg/xdg v0.5.3 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/opencontainers/image-spec v1.1.1 // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
	oras.land/oras-go/v2 v2.6.2 // indirect
)
