/// Files that PyTorch wrote, against the shared index: every tensor's dtype, shape and values.
module Recipes.Tests.PyTorchReferenceTests

open System
open System.IO
open System.Text.Json
open Expecto
open TorchSharp
open Recipes.Tests.Support
open Recipes.Weights

let private types =
    Map
        [
            "float16", Dtype.F16
            "bfloat16", Dtype.BF16
            "float32", Dtype.F32
            "float64", Dtype.F64
            "int8", Dtype.I8
            "int16", Dtype.I16
            "int32", Dtype.I32
            "int64", Dtype.I64
            "uint8", Dtype.U8
            "bool", Dtype.BOOL
        ]

let private number (value: JsonElement) =
    match value.ValueKind with
    | JsonValueKind.String ->
        match value.GetString() with
        | "nan" -> nan
        | "inf" -> infinity
        | "-inf" -> -infinity
        | other -> failtest $"the index holds the number {other}"
    | _ -> value.GetDouble()

let private values (file: WeightsFile) name =
    use t = file.Read name
    use all = t.to_type(torch.float64).flatten()
    all.data<float>().ToArray()

/// Dtype, shape, first values and sums of every tensor of a file, as the index lists them.
let private matches (entry: JsonElement) =
    let name = entry.GetProperty("file").GetString()
    use file = WeightsFile.Open(shared $"data/checkpoints/{name}", ".")

    let expected =
        entry.GetProperty("tensors").EnumerateObject()
        |> Seq.map (fun t -> t.Name, t.Value)
        |> Seq.toList

    Expect.equal
        (file.Entries |> Seq.map _.Name |> Seq.sort |> Seq.toList)
        (expected |> List.map fst |> List.sort)
        $"{name}: names"

    for key, value in expected do
        let where = $"{name}: {key}"
        Expect.equal file[key].Dtype types[value.GetProperty("dtype").GetString()] $"{where}: dtype"

        Expect.equal
            (Seq.toList file[key].Shape)
            [ for s in value.GetProperty("shape").EnumerateArray() -> s.GetInt64() ]
            $"{where}: shape"

        let all = values file key
        let first = [| for v in value.GetProperty("first").EnumerateArray() -> number v |]

        for i in 0 .. first.Length - 1 do
            Expect.isTrue (all[i].Equals first[i]) $"{where}: value {i} is {all[i]}, expected {first[i]}"

        let finite = all |> Array.filter Double.IsFinite

        for property, sum in
            [
                "sum_of_finite", Array.sum finite
                "sum_abs_of_finite", Array.sumBy abs finite
            ] do
            Expect.floatClose Accuracy.high sum (value.GetProperty(property).GetDouble()) $"{where}: {property}"

    expected.Length

let private listed =
    lazy
        (use document =
            JsonDocument.Parse(File.ReadAllText(shared "data/checkpoints/index.json"))

         document.RootElement.Clone().EnumerateArray() |> Seq.toList)

let private ofFormat format =
    listed.Value
    |> List.filter (fun e -> e.GetProperty("format").GetString() = format)

[<Tests>]
let tests =
    torchTests
        "pytorch reference"
        [
            testCase "every zip and legacy file of the shared checkpoints reads as its index says"
            <| fun () ->
                let zip = ofFormat "zip" |> List.map matches
                let legacy = ofFormat "legacy" |> List.map matches
                Expect.equal (zip.Length, legacy.Length) (29, 3) "files read"
                Expect.isGreaterThan (List.sum zip + List.sum legacy) 80 "tensors read"

            testCase "the safetensors file and the checkpoint of one network agree in names, types and shapes"
            <| fun () ->
                use a = WeightsFile.Open(shared "data/checkpoints/mnist_cnn.pt")
                use b = WeightsFile.Open(shared "data/checkpoints/mnist_cnn.safetensors")

                let forms (file: WeightsFile) =
                    file.Entries |> Seq.map (fun e -> e.Name, e.Dtype, Seq.toList e.Shape) |> Set

                Expect.equal (forms a) (forms b) "two trainings of one network"
                Expect.equal (a.Format, b.Format) ("PyTorch", "safetensors") "formats"
        ]
