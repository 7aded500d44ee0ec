module Recipes.Tests.MergeTests

open Expecto
open Recipes
open Recipes.Models
open Recipes.Training
open Recipes.Verbs
open Recipes.Weights
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles
open TorchSharp

let private net = network 4

let private state (m: torch.nn.Module) =
    [ for e in StateDict.Of m -> e.Key, numbers e.Value ]

let private farthest a b =
    List.map2 (fun (_, x) (_, y) -> if Array.isEmpty x then 0.0 else apart x y) (state a) (state b)
    |> List.max

[<Tests>]
let tests =
    torchTests
        "merge"
        [
            testCase "a model merged with itself is itself, bit by bit, whatever the shares"
            <| fun () ->
                use a = net 1L
                a.eval ()

                for shares in [ [ 0.5; 0.5 ]; [ 0.3; 0.7 ]; [ 1.0; 0.0 ] ] do
                    let merged = a.Merge(a, MergeOptions(Weights = shares))
                    use model = merged.Model
                    Expect.equal (StateDict.Digest model) (StateDict.Digest a) "weights"

                    Expect.equal
                        (merged.Evidence.Averaged.Count, merged.Evidence.Distance)
                        (0, 0.0)
                        "nothing to average"

                    Expect.equal merged.Evidence.Equal.Count (StateDict.Of(a).Count) "all equal"
                    Expect.equal (Seq.max merged.Evidence.Differences) 0.0 "outputs"

                let three = [ a; a; a ].Merge()
                Expect.equal (StateDict.Digest three.Model) (StateDict.Digest a) "three"

            testCase "parameters and statistics are averaged by shares; arguments stay, the result is another model"
            <| fun () ->
                use a = net 1L
                use b = net 2L
                b.eval ()
                let before = StateDict.Digest a, StateDict.Digest b
                let merged = a.Merge(b, MergeOptions.Interpolate 0.25)
                use model = merged.Model
                Expect.equal (StateDict.Digest a, StateDict.Digest b) before "weights stay"
                Expect.equal (a.training, b.training, model.training) (true, false, true) "modes"

                for (name, ours), (_, x), (_, y) in List.zip3 (state model) (state a) (state b) do
                    let exact = Array.map2 (fun x y -> 0.75 * x + 0.25 * y) x y
                    Expect.isLessThan (apart ours exact) 1e-7 name

                let evidence = merged.Evidence
                Expect.equal evidence.Distance (farthest a b) "distance"
                Expect.equal (evidence.Averaged.Count + evidence.Equal.Count) (StateDict.Of(a).Count) "each tensor once"
                Expect.isGreaterThan evidence.Averaged.Count 10 "averaged"
                let zero = a.Merge(b, MergeOptions.Interpolate 0.0)
                Expect.equal (StateDict.Digest zero.Model) (fst before) "α = 0 is the first"
                let one = a.Merge(b, MergeOptions.Interpolate 1.0)
                Expect.equal (StateDict.Digest one.Model) (snd before) "α = 1 is the second"

                for line in
                    [
                        "merge: 2 models of mobileone_mini, shares 0.75, 0.25"
                        "averaged"
                        "apart ("
                        "on a probe of [2, 3, 64, 64]"
                    ] do
                    Expect.stringContains (string merged) line "evidence"

            testCase "with equal shares the order does not matter"
            <| fun () ->
                let models = [ for seed in 1L .. 3L -> net seed ]
                let forth, back = models.Merge().Model, (List.rev models).Merge().Model
                Expect.isLessThan (farthest forth back) 1e-6 "within rounding"

            testCase "counters that differ are the first model's, and the evidence says so"
            <| fun () ->
                use a = net 1L
                use b = net 1L
                use x = torch.rand (2L, 3L, 32L, 32L)
                b.call(x).Dispose()
                let merged = a.Merge b
                let counters = merged.Evidence.Taken
                Expect.isNonEmpty counters "counters"
                Expect.all counters (fun name -> name.EndsWith "num_batches_tracked") "which"

                let value (m: torch.nn.Module) name =
                    state m |> List.find (fst >> (=) name) |> snd

                Expect.equal (value merged.Model counters[0]) [| 0.0 |] "the first model's"

            testCase "other architectures, specs and shares are refused with every difference"
            <| fun () ->
                use a = MobileOne.Mini(10, 4).WithBranches(1).Build 0L
                use b = (MobileOne.Mini(7, 4).WithBranches 2).Build 0L

                failsSaying
                    [
                        "these models cannot be merged"
                        "weights: expected 2, one for each model, found 3"
                        "weights: expected 0 to 1 each, found 0.5, 0.9, -0.2"
                        "weights: expected a sum of 1"
                        "model 2: shape    linear.weight"
                        "model 2 [7, 32]   model 1 [10, 32]"
                        "model 2: unknown  stage1.0.rbr_conv.1.conv.weight"
                        "model 2: spec     branches   model 2 2   model 1 1"
                    ]
                    (fun () -> a.Merge(b, MergeOptions(Weights = [ 0.5; 0.9; -0.2 ])) |> ignore)

                // The same state, another function.
                let strided = MobileOne.Mini(10, 4).WithBranches(1)

                use c =
                    MobileOneSpec(
                        Name = "c",
                        Classes = 10,
                        Channels = strided.Channels,
                        Units = strided.Units,
                        StemStride = 1
                    )
                        .Build
                        0L

                failsSaying [ "spec     stemStride   model 2 1   model 1 2" ] (fun () -> a.Merge c |> ignore)

                failsSaying [ "models: expected at least 1, found 0" ] (fun () ->
                    (List.empty<TrainDoubles.Net>).Merge() |> ignore)
        ]
