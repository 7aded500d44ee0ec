module Recipes.Tests.NativeNoiseTests

open Expecto
open Recipes.Notebook.Running.Kernel

[<Tests>]
let tests =
    testCase "libtorch's warning on processors is left out, also in pieces; other lines stay"
    <| fun () ->
        let warning =
            "[W1124 18:07:42.0178 NNPACK.cpp:56] Could not initialize NNPACK! Reason: Unsupported hardware.\n"

        let noise = NativeNoise()

        let pieces =
            [
                "a\n" + warning.Substring(0, 20)
                warning.Substring 20 + warning
                "[W other] b\n"
                "[W"
            ]

        let text = pieces |> List.map noise.Filter |> String.concat ""
        Expect.equal text "a\n[W other] b\n" "filtered"
        Expect.equal (noise.Rest()) "[W" "held back"
        Expect.equal (noise.Rest()) "" "once"
