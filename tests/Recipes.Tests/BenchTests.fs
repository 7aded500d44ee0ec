/// The verb bench: every case has a row, engines agree, the model stays as it is. How fast anything is, no test says.
module Recipes.Tests.BenchTests

open System
open System.IO
open System.Threading
open Expecto
open Recipes
open Recipes.Layers
open Recipes.Models
open Recipes.Reports
open Recipes.Training
open Recipes.Verbs
open Recipes.Tests.Support
open TorchSharp

let private mini = MobileOne.Mini(10, 8)

let private quick =
    BenchOptions(Resolutions = [| 32 |], Rounds = 2, Warmup = 1, Memory = false)

let private finite (row: BenchResult) =
    [ row.Latency.Median; row.Latency.P95; row.Throughput; row.Faster ]
    |> List.forall (fun n -> Double.IsFinite n && n > 0.0)

let private strides (m: torch.nn.Module) =
    [
        for struct (name, p) in m.named_parameters () -> name, p.dtype, p.requires_grad, List.ofArray (p.stride ())
    ]

let private sums (m: torch.nn.Module) =
    [
        for entry in Recipes.Weights.StateDict.Of m -> entry.Key, entry.Value.sum().``to``(torch.float64).item<float>()
    ]

let private folders () =
    Directory.GetDirectories(Path.GetTempPath(), "recipes-bench-*") |> set

[<Tests>]
let tests =
    torchTests
        "bench"
        [
            testCase "every combination of resolution, batch, engine and form has a row, and all compute the same"
            <| fun () ->
                let evidence =
                    (mini :> NetworkSpec)
                        .Bench(
                            BenchOptions(
                                Resolutions = [| 32; 64 |],
                                Batches = [| 1; 3 |],
                                Rounds = 2,
                                Warmup = 0,
                                Memory = false
                            )
                        )

                let expected =
                    [
                        for size in [ "32 px"; "64 px" ] do
                            for batch in [ 1; 3 ] do
                                for engine in [ BenchEngine.Torch; BenchEngine.Onnx ] do
                                    for form in [ BenchForm.TrainTime; BenchForm.Folded ] ->
                                        size, batch, engine, Nullable form
                    ]

                Expect.equal
                    [
                        for r in evidence.Results -> r.Case.Size, r.Case.Batch, r.Case.Engine, r.Case.Form
                    ]
                    expected
                    "cases, those of one task together"

                Expect.isTrue (evidence.Results |> Seq.forall finite) "numbers"

                for row in evidence.Results do
                    Expect.isLessThan row.Difference 1e-4 $"{row.Case}"
                    Expect.isFalse row.Memory.HasValue "memory was not asked for"

                Expect.equal (evidence.Table.Count, evidence.Rounds) (16, 2) "table"
                Expect.stringContains (evidence.ToString()) "mobileone_mini" "text"
                Expect.stringContains (evidence.ToHtml()) "train-time" "page"
                let page = BenchReport.Of(evidence).ToPage()
                Expect.stringContains page "onnx, folded" "chart"

            testCase "the given model, its mode, layout and gradients stay as they are, and nothing is left behind"
            <| fun () ->
                use model = mini.Build()
                model.eval ()
                let before = sums model, strides model
                let threads, left = torch.get_num_threads (), folders ()
                let evidence = (model :> torch.nn.Module).Bench(quick)
                Expect.equal evidence.Results.Count 4 "rows"
                Expect.equal (sums model, strides model) before "weights"
                Expect.isFalse model.training "mode"
                Expect.equal (torch.get_num_threads ()) threads "threads"
                Expect.isEmpty (folders () - left) "temporary folders"

                flat "bench" (fun () ->
                    (model :> torch.nn.Module)
                        .Bench(BenchOptions(Resolutions = [| 32 |], Rounds = 1, Warmup = 0, Memory = false))
                    |> ignore)

            testCase "models of several towers and decoders have a row for each part"
            <| fun () ->
                let mobileClip =
                    MobileClipSpec(
                        Name = "mobileclip_small",
                        Image = MobileOne.Mini(64, 8),
                        Text = TextEncoderSpec(Width = 64, Layers = 1, Hybrid = true)
                    )

                let rows (spec: NetworkSpec) part =
                    let options =
                        BenchOptions(
                            Tokens = 9,
                            Part = part,
                            Rounds = 1,
                            Warmup = 0,
                            Memory = false,
                            Resolutions = [| 64; 32 |]
                        )

                    [
                        for r in (spec.Bench options).Results -> r.Case.Part, r.Case.Size, r.Case.Way
                    ]

                let ways =
                    [ "torch, train-time"; "torch, folded"; "onnx, train-time"; "onnx, folded" ]

                let images =
                    [
                        for size in [ "64 px"; "32 px" ] do
                            for way in ways -> "image", size, way
                    ]

                let texts = [ for way in ways -> "text", "77 tokens", way ]
                let all = rows mobileClip null
                Expect.equal (set all) (set (images @ texts)) "both towers; a caption has one size"
                Expect.equal all.Length 12 "each once"
                Expect.equal (rows mobileClip "text") texts "one part"

                for spec in [ DecoderDoubles.qwen true :> NetworkSpec; DecoderDoubles.openLm true true ] do
                    Expect.equal
                        (rows spec null)
                        [
                            for size in [ "prompt of 9"; "token 10" ] do
                                for way in [ "torch"; "onnx" ] -> "language", size, way
                        ]
                        spec.Name

            testCase "the torch engine lays out a copy"
            <| fun () ->
                use model = mini.Build()
                model.eval ()
                use prepared = TorchEngine.Prepare model
                let stem = prepared.Part<TorchSharp.Modules.Conv2d>("stage0.rbr_conv.0.conv").weight
                Expect.equal (stem.stride().[1]) 1L "channels innermost"
                use x = torch.rand (2L, 3L, 32L, 32L)
                use expected = model.call x
                use actual = prepared.call x
                Expect.isTrue (actual.allclose (expected, 1e-4, 1e-5)) "outputs"
                use plain = TorchEngine.Prepare(model, ChannelsLast.Off)
                Expect.equal (strides plain) (strides model) "as it is"
                use half = TorchEngine.Prepare(model, ChannelsLast.Auto, Precision.Bf16)
                Expect.isTrue (half.parameters () |> Seq.forall (fun p -> p.dtype = torch.bfloat16)) "bf16"

            testCase "bf16 is timed when it is asked for, and says by how much outputs change"
            <| fun () ->
                let evidence =
                    (mini :> NetworkSpec)
                        .Bench(
                            BenchOptions(
                                Resolutions = [| 32 |],
                                Rounds = 1,
                                Warmup = 0,
                                Memory = false,
                                Precision = Precision.Bf16
                            )
                        )

                Expect.stringContains evidence.Torch "bf16" "said"
                Expect.exists evidence.Results (fun r -> r.Difference > 1e-5) "not exact"

            testCase "options refuse bad values, all at once"
            <| fun () ->
                failsSaying
                    [
                        "resolution 0"
                        "batch -1"
                        "rounds 0"
                        "warmup -1"
                        "seconds 0"
                        "threads 0"
                        "tokens 0"
                    ]
                    (fun () ->
                        (mini :> NetworkSpec)
                            .Bench(
                                BenchOptions(
                                    Resolutions = [| 0 |],
                                    Batches = [| -1 |],
                                    Rounds = 0,
                                    Warmup = -1,
                                    Seconds = Nullable 0.0,
                                    Threads = Nullable 0,
                                    Tokens = 0
                                )
                            )
                        |> ignore)

                failsSaying [ "no batch size"; "no engine" ] (fun () ->
                    (mini :> NetworkSpec).Bench(BenchOptions(Batches = [||], Engines = [||]))
                    |> ignore)

                use training = mini.Build()

                failsSaying [ "training mode"; "eval()" ] (fun () ->
                    (training :> torch.nn.Module).Bench quick |> ignore)

            testCase "parts, forms and sizes that a model does not have are errors that say so"
            <| fun () ->
                let fails fragments (options: BenchOptions) (spec: NetworkSpec) =
                    failsSaying fragments (fun () -> spec.Bench options |> ignore)

                fails [ "no part 'text'" ] (BenchOptions(Part = "text", Memory = false)) mini

                let vit =
                    ClipVisionSpec(Name = "tiny", Width = 64, Layers = 1, ImageSize = 32, Patch = 8, Classes = 4)

                fails [ "no block that can fold" ] (BenchOptions(Form = Nullable BenchForm.Folded, Memory = false)) vit
                fails [ "patches" ] (BenchOptions(Resolutions = [| 40 |], Rounds = 1, Memory = false)) vit
                use model = mini.Build()
                model.eval ()
                use folded = model.Reparameterize().Model

                failsSaying [ "folded already" ] (fun () ->
                    (folded :> torch.nn.Module)
                        .Bench(BenchOptions(Form = Nullable BenchForm.TrainTime, Memory = false))
                    |> ignore)

            testCase "an interruption stops between runs and leaves nothing"
            <| fun () ->
                use source = new CancellationTokenSource()
                let left = folders ()

                let stop =
                    { new IProgress<string> with
                        member _.Report text =
                            if text.StartsWith "timing" then
                                source.Cancel()
                    }

                Expect.throwsT<OperationCanceledException>
                    (fun () -> (mini :> NetworkSpec).Bench(quick, stop, source.Token) |> ignore)
                    "cancelled"

                Expect.isEmpty (folders () - left) "temporary folders"
        ]
