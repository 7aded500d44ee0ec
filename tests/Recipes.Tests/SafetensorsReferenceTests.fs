/// Files and bytes of the reference implementation.
module Recipes.Tests.SafetensorsReferenceTests

open System
open System.IO
open System.Text
open System.Text.Json
open Expecto
open TorchSharp
open Recipes.Tests.Support
open Recipes.Weights

type Tensor = torch.Tensor

let private bytesOf (t: Tensor) =
    use plain = t.detach().cpu().contiguous()
    plain.bytes.ToArray()

let private write (path: string) (tensors: (string * Tensor) list) =
    SafetensorsWriter.Write(path, tensors |> List.map Collections.Generic.KeyValuePair)

let private index file =
    use document =
        JsonDocument.Parse(File.ReadAllText(shared "data/checkpoints/index.json"))

    document.RootElement.EnumerateArray()
    |> Seq.find (fun e -> e.GetProperty("file").GetString() = file)
    |> fun e -> e.GetProperty("tensors").Clone()

let private torchName =
    dict
        [
            "float32", torch.float32
            "F32", torch.float32
            "BF16", torch.bfloat16
            "bfloat16", torch.bfloat16
            "I64", torch.int64
            "int64", torch.int64
        ]

/// Dtype, shape, first values and sums of every tensor, as the index lists them.
let private matchesIndex name =
    use scope = torch.NewDisposeScope()
    use file = SafetensorsFile.Open(shared $"data/checkpoints/{name}")
    let expected = index name |> _.EnumerateObject() |> Seq.toList

    Expect.equal
        (file.Entries |> Seq.map _.Name |> Seq.sort |> Seq.toList)
        (expected |> List.map _.Name |> List.sort)
        "names"

    for e in expected do
        let t = file.Read e.Name
        let value = e.Value
        Expect.equal t.dtype torchName[value.GetProperty("dtype").GetString()] $"{e.Name}: dtype"

        Expect.equal
            t.shape
            [| for s in value.GetProperty("shape").EnumerateArray() -> s.GetInt64() |]
            $"{e.Name}: shape"

        let all = t.to_type(torch.float64).flatten()

        let first =
            [| for v in value.GetProperty("first").EnumerateArray() -> v.GetDouble() |]

        Expect.equal
            (all.narrow(0L, 0L, int64 first.Length).data<float>().ToArray())
            first
            $"{e.Name}: first values, exactly"

        let close (sum: Tensor) (property: string) =
            Expect.floatClose
                Accuracy.high
                (sum.item<float>())
                (value.GetProperty(property).GetDouble())
                $"{e.Name}: {property}"

        close (all.sum ()) "sum_of_finite"
        close (all.abs().sum()) "sum_abs_of_finite"

    expected.Length

[<Tests>]
let tests =
    torchTests
        "safetensors reference"
        [
            testCase "files written by the reference implementation read as their index says"
            <| fun () ->
                let counts =
                    [ "mnist_cnn"; "mnist_cnn_bf16"; "multi_layer"; "module_load" ]
                    |> List.map (fun f -> matchesIndex $"{f}.safetensors")

                Expect.equal counts [ 20; 20; 9; 2 ] "tensors checked in each file"

            testCase "rewriting a file of the reference implementation gives the same bytes"
            <| fun () ->
                for name in [ "mnist_cnn"; "multi_layer"; "module_load" ] do
                    let source = shared $"data/checkpoints/{name}.safetensors"

                    inTemporaryFolder
                    <| fun folder ->
                        use scope = torch.NewDisposeScope()
                        use file = SafetensorsFile.Open source
                        let copy = Path.Combine(folder, "copy.safetensors")
                        SafetensorsWriter.Write(copy, file.ReadAll() |> Seq.rev, file.Metadata)
                        Expect.isTrue (File.ReadAllBytes(copy).AsSpan().SequenceEqual(File.ReadAllBytes source)) name

            testCase "the format's own test vectors: empty, and padded to 8 bytes"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "a.safetensors")
                    write path []

                    Expect.equal
                        (File.ReadAllBytes path)
                        [|
                            8uy
                            0uy
                            0uy
                            0uy
                            0uy
                            0uy
                            0uy
                            0uy
                            123uy
                            125uy
                            32uy
                            32uy
                            32uy
                            32uy
                            32uy
                            32uy
                        |]
                        "empty"

                    use t = torch.arange(6L, dtype = torch.float32).reshape(1L, 1L, 2L, 3L)
                    write path [ "attn0", t ]

                    let header =
                        "{\"attn0\":{\"dtype\":\"F32\",\"shape\":[1,1,2,3],\"data_offsets\":[0,24]}}       "

                    Expect.equal
                        (File.ReadAllBytes path)
                        (Array.concat [ BitConverter.GetBytes 72L; Encoding.UTF8.GetBytes header; bytesOf t ])
                        "padded"
        ]
