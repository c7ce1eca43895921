module postseal.example/go/postseal

go 1.21
