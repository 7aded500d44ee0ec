/// What follows from a decoder's spec, against the papers' numbers; nothing large is built.
module Recipes.Tests.DecoderSpecTests

open Expecto
open Recipes.Models
open Recipes.Tests.DecoderDoubles
open Recipes.Tests.Support

let private giga (macs: int64) = float macs / 1e9

[<Tests>]
let tests =
    torchTests
        "decoder specs"
        [
            for spec, body, table in
                [
                    Qwen2.B05(), 357_898_112L, 136_134_656L
                    Qwen2.B15(), 1_310_340_608L, 233_373_696L
                    Qwen2.B7(), 6_525_621_760L, 544_997_376L
                ] do
                testCase $"{spec.Name} has FastVLM's parameters"
                <| fun () ->
                    Expect.equal spec.Body body "layers and last norm"
                    let tables = if spec.TiedHead then 1L else 2L
                    Expect.equal spec.Embeddings (tables * table) "embeddings"
                    Expect.equal spec.Parameters (body + tables * table) "all"

            for spec, parameters in
                [
                    OpenLm.M160(), 162_435_840L
                    OpenLm.M410(), 411_665_408L
                    OpenLm.B1(), 1_439_893_504L
                    OpenLm.B3(), 2_796_096_000L
                    OpenLm.B7(), 6_889_672_704L
                ] do
                testCase $"{spec.Name} has the paper's parameters"
                <| fun () -> Expect.equal spec.Parameters parameters "parameters"

            for name, spec in specs do
                testCase $"{name}: the formula counts what is built"
                <| fun () ->
                    use model = spec.Build()
                    Expect.equal (model.parameters () |> Seq.sumBy _.numel()) spec.Parameters "parameters"

            testCase "prefill and cache cost what FastVLM's table says"
            <| fun () ->
                // Visual tokens, then GMACs of 0.5B, 1.5B and 7B, to the digits of the table.
                for tokens, half, oneAndHalf, seven in
                    [
                        16L, 5.7, 21.0, 104.0
                        64L, 22.9, 84.0, 418.0
                        144L, 51.5, 189.0, 940.0
                        256L, 91.6, 335.0, 1671.0
                        576L, 206.0, 755.0, 3759.0
                    ] do
                    let near digits expected (spec: Qwen2Spec) =
                        let found = giga (spec.Macs(tokens, 0L))
                        Expect.isLessThan (abs (found - expected)) digits $"{spec.Name} at {tokens}: {found}"

                    near 0.5 half (Qwen2.B05())
                    near 0.9 oneAndHalf (Qwen2.B15())
                    near 1.0 seven (Qwen2.B7())

                let kibibytes (spec: Qwen2Spec) = spec.CacheBytes(256L, 2) / 1024L

                Expect.equal
                    [ kibibytes (Qwen2.B05()); kibibytes (Qwen2.B15()); kibibytes (Qwen2.B7()) ]
                    [ 3072L; 7168L; 14336L ]
                    "keys and values at 256 tokens, 16 bits"

            testCase "sizes that cannot be are refused together"
            <| fun () ->
                let build layers heads keys () =
                    use _ =
                        Qwen2Spec(
                            Name = "odd",
                            Width = 30,
                            Layers = layers,
                            Heads = heads,
                            KeyValueHeads = keys,
                            Inner = 8,
                            Vocabulary = 11,
                            TiedHead = true,
                            Context = 8,
                            RotaryBase = 1e6,
                            NormEpsilon = 1e-6
                        )
                            .Build()

                    ()

                failsSaying [ "odd"; "Layers is 0"; "KeyHeads is 0" ] (build 0 5 0)
                failsSaying [ "Width 30"; "4 heads" ] (build 1 4 2)
                failsSaying [ "Heads 5"; "KeyHeads 2" ] (build 1 5 2)
        ]
