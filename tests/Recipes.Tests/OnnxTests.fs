/// Exported graphs against the models, in ONNX Runtime and in ONNX's own checker.
module Recipes.Tests.OnnxTests

open System
open System.Diagnostics
open System.IO
open Expecto
open Recipes.Layers
open Recipes.Models
open Recipes.Onnx
open Recipes.Verbs
open TorchSharp
open Recipes.Tests.ZooDoubles
open Recipes.Tests.Support

let private folded (model: torch.nn.Module) =
    Modules.Reparameterizable model
    |> Seq.exists (fun struct (_, block) -> not block.IsFolded)
    |> function
        | true -> Some(model.Reparameterize().Model)
        | false -> None

let private checked' opset resolution =
    ExportOptions(Check = true, Opset = opset, Resolution = resolution)

// Debian's python3-onnx, where it is.
let private checker =
    lazy
        (let run (script: string) (arguments: string list) =
            let start =
                ProcessStartInfo("/usr/bin/python3", "-c" :: script :: arguments, RedirectStandardError = true)

            use child = Process.Start start
            let errors = child.StandardError.ReadToEnd()
            child.WaitForExit()
            child.ExitCode, errors

         if File.Exists "/usr/bin/python3" && fst (run "import onnx" []) = 0 then
             Some(
                 run
                     "import sys, onnx\nfor f in sys.argv[1:]:\n  try: onnx.checker.check_model(onnx.load(f), full_check=True)\n  except Exception as e: sys.exit(f + ': ' + str(e))"
             )
         else
             None)

[<Tests>]
let tests =
    torchTests
        "onnx"
        [
            for what, _, spec in structures do
                testCase $"{what}: ONNX Runtime computes what the model does, train-time and folded"
                <| fun () ->
                    inTemporaryFolder
                    <| fun folder ->
                        use model = build spec
                        let size = resolution spec

                        for form in model :: Option.toList (folded model) do
                            let evidence =
                                form.Export(Path.Combine(folder, "a.onnx"), checked' ExportOptions.NewestOpset size)

                            for graph in evidence.Graphs do
                                Expect.isLessThan graph.Difference.Value 1e-4 $"{graph.Part}"
                                Expect.isGreaterThanOrEqual graph.Checked.Count 2 $"{graph.Part}: sizes compared"

            testCase "every network of the zoo has a structure that is tested"
            <| fun () ->
                for name in Zoo.Names do
                    let kind = Zoo.Network(name).GetType()

                    Expect.isTrue
                        (structures
                         |> List.exists (fun (_, prefix, spec) -> name.StartsWith prefix && spec.GetType() = kind))
                        $"{name}, a {kind.Name}"

            testCase "every opset is valid for ONNX's own checker"
            <| fun () ->
                match checker.Value with
                | None -> skiptest "skipped: /usr/bin/python3 has no module onnx (Debian: python3-onnx)"
                | Some check ->
                    inTemporaryFolder
                    <| fun folder ->
                        for i, (_, _, spec) in List.indexed structures do
                            use model = build spec
                            let opset = ExportOptions.OldestOpset + i % 5

                            model.Export(Path.Combine(folder, $"{i}.onnx"), checked' opset (resolution spec))
                            |> ignore

                        let files = Directory.GetFiles(folder, "*.onnx") |> List.ofArray
                        Expect.isGreaterThan files.Length structures.Length "files, some of several parts"
                        Expect.equal (check files) (0, "") "the checker"

            testCase "a batch with padding gives the logits of each row alone"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model = build (DecoderDoubles.qwen true) :?> Decoder
                    let path = Path.Combine(folder, "a.onnx")
                    model.Export path |> ignore
                    use session = OnnxSession.Open path
                    use scope = torch.NewDisposeScope()
                    let ids = torch.tensor([| 0L; 0L; 7L; 9L; 3L; 5L; 6L; 8L |]).reshape(2L, 4L)
                    let mask = torch.tensor([| 0L; 0L; 1L; 1L; 1L; 1L; 1L; 1L |]).reshape(2L, 4L)
                    let past = List.replicate 6 (torch.zeros (2L, 2L, 0L, 8L))
                    let outputs = session.Run([| yield ids; yield mask; yield! past |])
                    let expected = model.Next(ids, null, mask)
                    let difference = (outputs[0].select(1, -1L) - expected).abs().max().item<float32>()
                    Expect.isLessThan difference 1e-5f "padded rows"
                    Expect.equal outputs[1].shape [| 2L; 2L; 4L; 8L |] "the cache"

            testCase "a step from the cache that the prompt gave is the longer prompt"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model = build (DecoderDoubles.openLm true true) :?> Decoder
                    let path = Path.Combine(folder, "a.onnx")
                    model.Export path |> ignore
                    use session = OnnxSession.Open path
                    use scope = torch.NewDisposeScope()
                    let ids = torch.tensor([| 4L; 7L; 9L; 3L |]).reshape(1L, 4L)

                    let run (ids: torch.Tensor) past =
                        let total = (List.head past: torch.Tensor).shape[2] + ids.shape[1]
                        session.Run([| yield ids; yield torch.ones (1L, total, dtype = torch.int64); yield! past |])

                    let whole = run ids (List.replicate 6 (torch.zeros (1L, 4L, 0L, 8L)))

                    let prompt =
                        run (ids.narrow (1L, 0L, 3L)) (List.replicate 6 (torch.zeros (1L, 4L, 0L, 8L)))

                    let step = run (ids.narrow (1L, 3L, 1L)) (prompt |> Seq.skip 1 |> List.ofSeq)
                    let difference = (step[0] - whole[0].narrow(1L, 3L, 1L)).abs().max().item<float32>()
                    Expect.isLessThan difference 1e-5f "the last token"

            testCase "SAM's points without a box or a mask are those of the model"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model = build SamDoubles.tiny :?> Sam

                    model.Export(Path.Combine(folder, "a.onnx"), ExportOptions(Part = "mask"))
                    |> ignore

                    use session = OnnxSession.Open(Path.Combine(folder, "a.onnx"))
                    use scope = torch.NewDisposeScope()
                    use _ = torch.no_grad ()
                    let image = torch.rand (1L, 32L, 16L, 16L)
                    let points = torch.tensor([| 3.0f; 5.0f; 40.0f; 30.0f |]).reshape(1L, 2L, 2L)
                    let labels = torch.tensor([| 1L; 0L |]).reshape(1L, 2L)
                    let struct (expected, ious) = model.Decode(image, SamPromptTensors(points, labels))
                    let padded (x: torch.Tensor) (last: torch.Tensor) = torch.cat ([| x; last |], 1L)

                    let outputs =
                        session.Run(
                            image,
                            padded points (torch.zeros (1L, 1L, 2L)),
                            padded labels (torch.full (1L, 1L, -1, dtype = torch.int64)),
                            torch.zeros (1L, 1L, 64L, 64L),
                            torch.zeros 1L
                        )

                    let near (a: torch.Tensor) (b: torch.Tensor) = (a - b).abs().max().item<float32>()
                    Expect.isLessThan (near expected (outputs[0].narrow(1L, 1L, 3L))) 1e-4f "masks"
                    Expect.isLessThan (near ious (outputs[1].narrow(1L, 1L, 3L))) 1e-4f "predicted IoUs"

            testCase "bfloat16 weights stay so in the file and count as what they are"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model = build (MobileOne.Mini(24, 48)) :?> MobileOne

                    let full, half =
                        Path.Combine(folder, "full.onnx"), Path.Combine(folder, "half.onnx")

                    model.Export full |> ignore
                    model.``to`` (torch.bfloat16) |> ignore
                    model.Export half |> ignore
                    model.``to`` (torch.float32) |> ignore
                    use scope = torch.NewDisposeScope()
                    use _ = torch.no_grad ()
                    use session = OnnxSession.Open half
                    let images = torch.rand (1L, 3L, 64L, 64L)
                    let expected = model.call images

                    let difference =
                        (session.Run(images)[0] - expected).abs().max() / expected.abs().max()

                    Expect.isLessThan (difference.item<float32>()) 1e-4f "values rounded to bfloat16"
                    let length (path: string) = float (FileInfo path).Length
                    Expect.isLessThan (length half / length full) 0.75 "about half the bytes"

            testCase "weights that a file cannot hold go beside it, and both load"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model = build (FastVit.T8 24)
                    let path = Path.Combine(folder, "a.onnx")

                    let evidence =
                        model.Export(path, ExportOptions(Check = true, LargestFile = 1000000L, Resolution = 64))

                    let graph = Seq.exactlyOne evidence.Graphs
                    Expect.sequenceEqual graph.Files [ path; path + ".data" ] "both files"
                    Expect.isLessThan (FileInfo path).Length 1000000L "no weights inside"
                    Expect.isLessThan graph.Difference.Value 1e-4 "as computed"
                    Expect.equal (Directory.GetFiles(folder).Length) 2 "nothing else is left"

            testCase "the file says what it is: model, form, preprocessing, labels"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model = build (MobileOne.Mini(2, 8))
                    let path = Path.Combine(folder, "a.onnx")

                    model.Export(
                        path,
                        ExportOptions(Labels = Collections.Immutable.ImmutableArray.Create("cat", "Hund"))
                    )
                    |> ignore

                    use session = OnnxSession.Open path
                    Expect.equal session.Metadata["labels"] "[\n  \"cat\",\n  \"Hund\"\n]" "labels"

                    Expect.equal
                        (session.Metadata["model"], session.Metadata["form"])
                        ("mobileone_mini", "train-time")
                        "model"

                    Expect.stringContains session.Metadata["preprocessing"] "\"resolution\":224" "preprocessing"
                    Expect.stringContains session.Metadata["spec"] "\"family\":\"mobileone\"" "spec"
        ]
