/// The FastViT reproduction from end to end, at a scale that tests can afford.
module Recipes.Tests.FastVitReportTests

open System.IO
open Expecto
open Recipes.Layers
open Recipes.Models
open Recipes.Reports
open Recipes.Reproductions
open Recipes.Tests.Support
open TorchSharp

/// Fewer and smaller than smoke: two rounds, and mixers at the least resolution alone.
let private options folder =
    RunOptions(
        Scale = Scale.Smoke,
        Out = Path.Combine(folder, "run"),
        Device = "cpu",
        Set =
            [|
                "train=64"
                "test=32"
                "rounds=1"
                "largest=256"
                "attention=1"
                "timed=64"
            |]
    )

[<Tests>]
let tests =
    torchTests
        "fastvit report"
        [
            testCase "the reproduction runs at smoke with all its claims, and the report shows its sections"
            <| fun () ->
                soundOneDnn ()

                inTemporaryFolder (fun folder ->
                    let reproduction = Recipes.Cli.Library.byName "fastvit"
                    let run = reproduction.Run(options folder)
                    Expect.equal run.Claims.Count reproduction.Claims.Count "claims"
                    let ids = set [ for c in run.Claims -> c.Id ]
                    Expect.equal ids.Count run.Claims.Count "each once"

                    let exact =
                        [
                            for c in run.Claims do
                                if c.Kind = ClaimKind.Exact then
                                    c
                        ]

                    Expect.hasLength exact (7 * 7 + 2) "exact claims"

                    let failing =
                        [
                            for c in exact do
                                if c.Verdict <> Verdict.Holds then
                                    c.Id
                        ]

                    // The paper's table, whose three largest networks are not those of the released code.
                    Expect.equal
                        failing
                        [ "paper/parameters/sa24"; "paper/parameters/sa36"; "paper/parameters/ma36" ]
                        "exact claims that fail"

                    for c in run.Claims do
                        if c.Kind = ClaimKind.Trend then
                            Expect.equal c.Verdict Verdict.NotAttempted c.Id
                            Expect.stringContains c.Reason "scale" c.Id

                    let page = (ReproductionReport.Of run).ToHtml()

                    for heading in
                        [
                            "Claims"
                            "Training"
                            "Before and after folding"
                            "Costs"
                            "Token mixers by resolution"
                            "Branches and skips"
                            "What each choice is worth"
                            "Robustness"
                        ] do
                        Expect.stringContains page $">{heading}</h2>" heading)

            testCase "feature maps become pictures, one mean and some channels a stage"
            <| fun () ->
                use network = new FastVit(FastVit.Mini(10, 8))
                network.eval ()
                use scope = torch.NewDisposeScope()
                let maps = network.Stages(torch.rand (1L, 3L, 64L, 64L), StageTaps.Stages)
                let text = (FeatureMaps.Show(maps, 2)).ToString()
                Expect.stringContains text "stage 4, mean, 64 x 4 x 4" "the last stage"
                Expect.equal (text.Split "stage 1, no.").Length 3 "two channels"
        ]
