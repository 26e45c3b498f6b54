module github.com/skillcask/skillcask/registrytest/internal/bench

go 1.26.0

replace github.com/skillcask/skillcask => ../../..

require (
	cuelabs.dev/go/oci/ociregistry v0.0.0-20251212221603-3adeb8663819
	github.com/google/go-containerregistry v0.22.1
	github.com/opencontainers/go-digest v1.0.0
	github.com/opencontainers/image-spec v1.1.1
	github.com/skillcask/skillcask v0.0.0-00010101000000-000000000000
	oras.land/oras-go/v2 v2.7.0
)

require golang.org/x/sync v0.24.0 // indirect
