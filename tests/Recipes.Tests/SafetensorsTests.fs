module Recipes.Tests.SafetensorsTests

open System
open System.IO
open System.Text
open System.Text.Json
open Expecto
open FsCheck
open FsCheck.FSharp
open TorchSharp
open Recipes
open Recipes.Tests.Support
open Recipes.Weights

type Tensor = torch.Tensor

let private holds =
    [
        torch.float64
        torch.float32
        torch.float16
        torch.bfloat16
        torch.int64
        torch.int32
        torch.int16
        torch.int8
        torch.uint8
        torch.bool
        torch.complex64
    ]

let private bytesOf (t: Tensor) =
    use plain = t.detach().cpu().contiguous()
    plain.bytes.ToArray()

/// Random bits of any dtype, NaN and infinities included; a bool is 0 or 1.
let private randomTensor (dtype: torch.ScalarType) (shape: int64[]) (seed: int) =
    let t = torch.empty (shape, dtype = dtype)
    let bytes = Array.zeroCreate<byte> t.bytes.Length
    Random(seed).NextBytes bytes

    if dtype = torch.bool then
        for i in 0 .. bytes.Length - 1 do
            bytes[i] <- bytes[i] &&& 1uy

    bytes.AsSpan().CopyTo t.bytes
    t

/// Live tensors, once those that earlier tests forgot are gone.
let private liveTensors () =
    GC.Collect()
    GC.WaitForPendingFinalizers()
    torch.Tensor.TotalCount

let private write (path: string) (tensors: (string * Tensor) list) =
    SafetensorsWriter.Write(path, tensors |> List.map Collections.Generic.KeyValuePair)

type private Shape = Gen<int64[]>

let private cases =
    gen {
        let! count = Gen.choose (0, 6)

        return!
            gen {
                let! dtype = Gen.elements holds
                let! rank = Gen.choose (0, 4)
                let! shape = Gen.arrayOfLength rank (Gen.choose (0, 5) |> Gen.map int64)
                let! seed = Gen.choose (0, 1000000)
                let! layout = Gen.choose (0, 3)
                return dtype, shape, seed, layout
            }
            |> Gen.listOfLength count
    }

/// The same values in another memory layout, or as a leaf that requires a gradient.
let private relaid (t: Tensor) layout : Tensor =
    match layout with
    | 1 when t.ndim = 4L -> t.permute(0L, 2L, 3L, 1L).contiguous().permute(0L, 3L, 1L, 2L)
    | 2 when t.ndim >= 2L -> t.transpose(0L, 1L).contiguous().transpose(0L, 1L)
    | 3 when t.is_floating_point () -> t.clone().requires_grad_()
    | _ -> t

[<Tests>]
let tests =
    torchTests
        "safetensors"
        [
            testPropertyWithConfigStdGen
                (2024UL, 11UL, None)
                { FsCheckConfig.defaultConfig with
                    maxTest = 60
                }
                "any tensors come back bit by bit, whatever their layout"
            <| Prop.forAll (Arb.fromGen cases) (fun specs ->
                inTemporaryFolder
                <| fun folder ->
                    use scope = torch.NewDisposeScope()
                    let path = Path.Combine(folder, "t.safetensors")

                    let tensors =
                        specs
                        |> List.mapi (fun i (d, s, seed, layout) ->
                            $"t.{i}é\"{seed}", relaid (randomTensor d s seed) layout)

                    let before =
                        tensors |> List.map (fun (_, t) -> t.stride (), t.requires_grad, bytesOf t)

                    let order =
                        if specs.Length % 2 = 0 then
                            TensorOrder.Given
                        else
                            TensorOrder.Canonical

                    let metadata = dict [ "note", "ünïcode \u2028 \"quoted\"\n"; "format", "pt" ]

                    SafetensorsWriter.Write(
                        path,
                        tensors |> List.map Collections.Generic.KeyValuePair,
                        Collections.Generic.Dictionary metadata,
                        order
                    )

                    Expect.equal
                        (tensors |> List.map (fun (_, t) -> t.stride (), t.requires_grad, bytesOf t))
                        before
                        "the tensors are as they were"

                    use file = SafetensorsFile.Open path
                    Expect.equal file.Metadata["note"] metadata["note"] "metadata"

                    if order = TensorOrder.Given then
                        Expect.equal
                            (file.Entries |> Seq.map _.Name |> Seq.toList)
                            (tensors |> List.map fst)
                            "listed as given"

                    let dataStart = BitConverter.ToInt64(File.ReadAllBytes path, 0) + 8L

                    Expect.equal (dataStart % 8L) 0L "data is aligned"

                    for name, t in tensors do
                        let entry = file[name]
                        let back = file.Read name
                        Expect.equal (back.dtype, back.shape) (t.dtype, t.shape) "dtype and shape"
                        Expect.equal (bytesOf back) (bytesOf t) "values"
                        Expect.equal (file.Bytes(name).ToArray()) (bytesOf t) "raw bytes"

                        Expect.equal
                            (entry.Offset % int64 (max 1L (t.ElementSize |> min 8L)))
                            0L
                            "aligned to its element"

                        let into = torch.zeros_like (t.detach ())
                        file.CopyTo(name, into)
                        Expect.equal (bytesOf into) (bytesOf t) "copied into a tensor of the same layout")

            testCase "a large tensor goes through in pieces, also when it is not contiguous"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                let t = randomTensor torch.int32 [| 37L; 41L |] 5

                for x in [ t; t.t () ] do
                    use stream = new MemoryStream()
                    TensorBytes.WriteTo(stream, x, 100)
                    Expect.equal (stream.ToArray()) (bytesOf x) "bytes"

            testCase "a conjugate view is written as its values"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use scope = torch.NewDisposeScope()
                    let path = Path.Combine(folder, "c.safetensors")
                    let z = torch.complex (torch.ones 2L, torch.ones 2L)
                    write path [ "z", z.conj () ]
                    use file = SafetensorsFile.Open path
                    Expect.equal (file.Read("z").imag.data<float32>().ToArray()) [| -1.0f; -1.0f |] "imaginary parts"

            testCase "what the format cannot hold is refused, all at once, and nothing is written"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use scope = torch.NewDisposeScope()
                    let path = Path.Combine(folder, "bad.safetensors")
                    let dead = torch.ones 1L
                    dead.Dispose()

                    fun () ->
                        write
                            path
                            [
                                "a", torch.ones 1L
                                "a", torch.ones 1L
                                "__metadata__", torch.ones 1L
                                "meta", torch.empty ([| 2L |], device = torch.device "meta")
                                "z", torch.zeros (2L, dtype = torch.complex128)
                                "s", torch.eye(3L).to_sparse()
                                "dead", dead
                            ]
                    |> failsSaying
                        [
                            "6 problems"
                            "a: the name stands twice"
                            "reserved"
                            "meta device"
                            "ComplexFloat64"
                            "sparse"
                            "disposed"
                        ]

                    Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing is left"

            testCase "reading and writing keep no tensor alive"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use t = torch.ones(4L, 3L).t()
                    let path = Path.Combine(folder, "t.safetensors")
                    write path [ "t", t ]
                    let live = liveTensors ()

                    for _ in 1..3 do
                        write path [ "t", t ]
                        use file = SafetensorsFile.Open path
                        use back = file.Read "t"
                        file.CopyTo("t", t)
                        Expect.equal back.shape t.shape "shape"

                    Expect.equal (liveTensors ()) live "live tensors"
        ]
