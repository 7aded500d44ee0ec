/// Sharded weights, and the conversion of any format to safetensors: the verb and the command.
module Recipes.Tests.ConvertTests

open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Text
open Expecto
open TorchSharp
open Recipes.Models
open Recipes.Tests.Support
open Recipes.Tests.PyTorchDoubles
open Recipes.Verbs
open Recipes.Weights

let private write (path: string) (names: string list) =
    use scope = torch.NewDisposeScope()

    names
    |> List.mapi (fun i name -> KeyValuePair(name, torch.full (2L, float i)))
    |> fun tensors -> SafetensorsWriter.Write(path, tensors)

let private index (folder: string) (map: (string * string) list) =
    let path = Path.Combine(folder, "model.safetensors.index.json")

    let pairs =
        map |> List.map (fun (k, v) -> $"\"{k}\": \"{v}\"") |> String.concat ", "

    File.WriteAllText(path, $"{{\"metadata\": {{\"total_size\": 16}}, \"weight_map\": {{{pairs}}}}}")
    path

let private kind (dtype: Dtype) =
    match dtype with
    | Dtype.F32 -> "FloatStorage"
    | Dtype.I64 -> "LongStorage"
    | other -> failtest $"no storage for {other}"

/// The state of a module as torch.save writes it, in both formats.
let private torchSave folder (m: torch.nn.Module) =
    let state = StateDict.Of m |> Seq.toList

    let value =
        state
        |> List.mapi (fun i t ->
            text t.Key, tensor (kind (t.Value.dtype.ToDtype().Value)) $"{i}" (List.ofArray t.Value.shape))
        |> dict

    let bytes =
        state
        |> List.mapi (fun i t ->
            use plain = t.Value.detach().contiguous()
            $"{i}", plain.numel (), plain.bytes.ToArray())

    checkpoint folder value (bytes |> List.map (fun (key, _, b) -> key, b)), legacy folder value bytes

let private command (arguments: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            Path.Combine(root, "bin", "Recipes.Cli.dll")
            :: "model"
            :: "convert"
            :: arguments,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    info.Environment["RECIPES_ROOT"] <- root
    use child = Process.Start info
    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, output, errors.Result

let private convert (input: string) (output: string) options =
    WeightsConversion.Convert(input, output, options)

let private digest (m: torch.nn.Module) = StateDict.Digest m

[<Tests>]
let tests =
    torchTests
        "convert"
        [
            testCase "shards read as one file, and convert to one"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    write (Path.Combine(folder, "1.safetensors")) [ "a"; "b" ]
                    write (Path.Combine(folder, "2.safetensors")) [ "c" ]

                    let path =
                        index folder [ "a", "1.safetensors"; "b", "1.safetensors"; "c", "2.safetensors" ]

                    (use file = WeightsFile.Open path
                     Expect.equal file.Format "2 shards, safetensors" "format"
                     use b = file.Read "b"
                     Expect.equal (b.data<float32>().ToArray()) [| 1f; 1f |] "values")

                    let one = Path.Combine(folder, "one.safetensors")
                    let evidence = convert path one null
                    Expect.equal evidence.Tensors 3 "tensors"

                    failsSaying [ "is what is being read" ] (fun () ->
                        convert path (Path.Combine(folder, "2.safetensors")) null |> ignore)

                    failsSaying [ "is a folder"; "model.safetensors.index.json" ] (fun () ->
                        (WeightsFile.Open folder).Dispose())

            testCase "an index that does not fit its shards: all problems at once, nothing outside the folder opened"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    write (Path.Combine(folder, "1.safetensors")) [ "a"; "extra"; "moved" ]
                    write (Path.Combine(folder, "2.safetensors")) [ "c" ]
                    File.WriteAllText(Path.Combine(folder, "3.safetensors"), "broken")

                    let path =
                        index
                            folder
                            [
                                "a", "1.safetensors"
                                "gone", "1.safetensors"
                                "moved", "2.safetensors"
                                "c", "2.safetensors"
                                "d", "4.safetensors"
                                "e", "3.safetensors"
                                "f", "model.safetensors.index.json"
                            ]

                    failsSaying
                        [
                            "7 problems"
                            "4.safetensors: the file is missing"
                            "3.safetensors: the file has 6 bytes"
                            "model.safetensors.index.json: "
                            "gone: missing from 1.safetensors"
                            "moved: missing from 2.safetensors"
                            "extra: 1.safetensors holds it, but the index gives it no file"
                            "moved: 1.safetensors holds it, but the index gives it 2.safetensors"
                        ]
                        (fun () -> (WeightsFile.Open path).Dispose())

                    for name in [ "../1.safetensors"; "/etc/passwd"; "a\\\\b"; ".."; "C:x"; "" ] do
                        failsSaying [ "1 problem"; "not the name of a file beside the index" ] (fun () ->
                            (WeightsFile.Open(index folder [ "a", name ])).Dispose())

                    File.WriteAllText(path, "{\"weight_map\": {\"a\": 1, \"a\": ")
                    failsSaying [ "not JSON" ] (fun () -> (WeightsFile.Open path).Dispose())

            testCase "a checkpoint of MobileOne S0 converts, with its names checked, and folds, from either format"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use scope = torch.NewDisposeScope()
                    let spec = MobileOne.S0 10
                    let network = spec.Build 3L
                    let zip, old = torchSave folder network
                    let plain = Path.Combine(folder, "plain.safetensors")
                    let evidence = convert zip plain (ConvertOptions(Model = spec))
                    Expect.equal evidence.Model "mobileone_s0, train-time" "the form"
                    use copy = spec.Build 4L
                    copy.Load plain |> ignore
                    Expect.equal (digest copy) (digest network) "converted"
                    use direct = spec.Build 5L
                    direct.Load old |> ignore
                    Expect.equal (digest direct) (digest network) "loaded from the legacy format"

                    let folded = Path.Combine(folder, "folded.safetensors")
                    let evidence = convert old folded (ConvertOptions(Model = spec, Fold = true))
                    Expect.isGreaterThan evidence.Folded.BlocksFolded 40 "blocks"
                    network.eval ()
                    let expected = ReparameterizeVerb.Reparameterize(network).Model
                    copy.Load folded |> ignore
                    Expect.equal (digest copy) (digest expected) "folded"

                    let checkedForm =
                        convert folded (Path.Combine(folder, "again.safetensors")) (ConvertOptions(Model = spec))

                    Expect.equal checkedForm.Model "mobileone_s0, folded" "the folded form is recognised"

                    failsSaying [ "nothing to reparameterize" ] (fun () ->
                        convert folded plain (ConvertOptions(Model = spec, Fold = true)) |> ignore)

            testCase "what does not fit, or may not be written, leaves nothing"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let zip =
                        checkpoint
                            folder
                            (dict [ text "w", tensor "FloatStorage" "0" [ 2L ] ])
                            [ "0", floats [ 1f; 2f ] ]

                    let out = Path.Combine(folder, "out.safetensors")

                    failsSaying [ "does not fit mobileone_mini"; "unknown  w"; "nothing loaded" ] (fun () ->
                        convert zip out (ConvertOptions(Model = MobileOne.Mini())) |> ignore)

                    failsSaying [ "--model" ] (fun () -> convert zip out (ConvertOptions(Fold = true)) |> ignore)

                    failsSaying [ "out.bin"; ".safetensors" ] (fun () ->
                        convert zip (out.Replace(".safetensors", ".bin")) null |> ignore)

                    let bad =
                        checkpoint folder (dict [ text "w", tensor "BoolStorage" "0" [ 2L ] ]) [ "0", [| 1uy; 2uy |] ]

                    failsSaying [ "element 1 is the byte 2" ] (fun () -> convert bad out null |> ignore)
                    Expect.equal (Directory.GetFiles folder) [| bad |] "only the checkpoint is there"

            testCase "types that TorchSharp lacks pass through"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "a.safetensors")

                    let header =
                        Encoding.UTF8.GetBytes "{\"e\":{\"dtype\":\"F8_E4M3\",\"shape\":[3],\"data_offsets\":[0,3]}}"

                    File.WriteAllBytes(
                        path,
                        Array.concat
                            [
                                System.BitConverter.GetBytes(int64 header.Length)
                                header
                                [| 1uy; 2uy; 3uy |]
                            ]
                    )

                    let out = Path.Combine(folder, "b.safetensors")
                    convert path out null |> ignore
                    use file = WeightsFile.Open out
                    Expect.equal file["e"].Dtype Dtype.F8_E4M3 "type"
                    Expect.equal (file.Bytes("e").ToArray()) [| 1uy; 2uy; 3uy |] "bytes"

            testCase "the command: one line, JSON, exit codes"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let zip =
                        checkpoint
                            folder
                            (dict
                                [
                                    text "model", dict [ text "module.w", tensor "FloatStorage" "0" [ 2L ] ]
                                    text "epoch", integer 1L
                                ])
                            [ "0", floats [ 1f; 2f ] ]

                    let out = Path.Combine(folder, "out.safetensors")
                    let code, output, errors = command [ zip; out ]
                    Expect.equal code 0 errors
                    Expect.stringContains output "1 tensors (1 F32)" "the line"
                    Expect.stringContains output "taken: model" "the note"
                    let code, output, _ = command [ zip; out; "--json" ]
                    use json = System.Text.Json.JsonDocument.Parse output
                    Expect.equal code 0 "json"
                    Expect.equal (json.RootElement.GetProperty("tensors").GetInt32()) 1 "tensors"
                    let code, output, errors = command [ zip; out; "--model"; "mobileone_s0" ]
                    Expect.equal (code, output) (2, "") errors
                    Expect.stringContains errors "does not fit mobileone_s0" "the error"
                    Expect.isFalse (errors.Contains "   at ") "no stack trace"
        ]
