module Recipes.Tests.RngTests

open Expecto
open Recipes

[<Tests>]
let tests =
    testList
        "rng"
        [
            testCase "hashes equal the published test vectors"
            <| fun () ->
                Expect.equal (Rng.Fnv1a "") 0xcbf29ce484222325UL "FNV-1a of nothing"
                Expect.equal (Rng.Fnv1a "a") 0xaf63dc4c8601ec8cUL "FNV-1a of a"
                Expect.equal (Rng.Mix 0UL) 0xe220a8397b1dcdafUL "mix 0"
                Expect.equal (Rng.Mix 1UL) 0x910a2dec89025cc1UL "mix 1"
                Expect.equal (Rng.Mix 2UL) 0x975835de1c9756ceUL "mix 2"

            testCase "a permutation holds every index once, and depends on the stream's name"
            <| fun () ->
                let order name =
                    let mutable rng = Rng.Stream(7L, name, 3L)
                    rng.Permutation 100

                Expect.equal (Array.sort (order "order")) [| 0..99 |] "all indices"
                Expect.equal (order "order") (order "order") "deterministic"
                Expect.notEqual (order "order") (order "augment") "named streams differ"
        ]
