/// Arrays in numpy's and PyTorch's files: .npz and .pth.gz in memory, both ways, and what others make of ours.
module Recipes.Tests.ArrayFilesTests

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open Recipes
open Recipes.Weights
open Recipes.Tests.ArrayDoubles
open Recipes.Tests.Support

let private same (expected: KeyValuePair<string, DenseArray> list) (found: IReadOnlyDictionary<string, DenseArray>) =
    Expect.equal (Seq.toList found.Keys) (expected |> List.map _.Key) "names in order"

    for KeyValue(name, array) in expected do
        Expect.equal found[name] array name

/// A zip of these members.
let zip (members: (string * byte[]) list) =
    use stream = new MemoryStream()

    do
        use archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen = true)

        for name, content in members do
            use entry = archive.CreateEntry(name).Open()
            entry.Write(ReadOnlySpan content)

    stream.ToArray()

let private npy (version: byte) (header: string) (content: byte[]) =
    let text = Encoding.ASCII.GetBytes(header + "\n")

    let length =
        if version = 1uy then
            BitConverter.GetBytes(uint16 text.Length)
        else
            BitConverter.GetBytes(uint32 text.Length)

    Array.concat [ [| 0x93uy |]; "NUMPY"B; [| version; 0uy |]; length; text; content ]

let private read content = NpzFile.Read(content, "sample 9")

let private refused fragments content =
    failsSaying ("sample 9" :: fragments) (fun () -> read content |> ignore)

/// Every shorter beginning fails with one clear error, and no changed byte does anything but that or read.
let private fuzz (reading: byte[] -> unit) (whole: byte[]) =
    for length in 0 .. whole.Length - 1 do
        failsSaying [ "sample 9" ] (fun () -> reading whole[.. length - 1])

    let mutable rng = Rng.Stream(11L, "fuzz")

    for _ in 1..3000 do
        let changed = Array.copy whole

        for _ in 0 .. rng.NextInt 3 do
            changed[rng.NextInt whole.Length] <- byte (rng.NextInt 256)

        try
            reading changed
        with :? RecipesException as e ->
            Expect.stringContains e.Message "sample 9" "which file"

let private numpy =
    testList
        "npz"
        [
            testCase "every type and shape is read back equal, the same arrays are the same bytes"
            <| fun () ->
                let all = arrays numpyTypes
                let written = NpzFile.Write all
                same all (read written)
                Expect.equal (NpzFile.Write all) written "deterministic"
                Expect.isEmpty (read (NpzFile.Write [])) "none"

            testCase "versions 1 to 3, columns first, and the forms of a header"
            <| fun () ->
                let content = [| for i in 1..6 -> byte i |]

                for version in [ 1uy; 2uy; 3uy ] do
                    for header in
                        [
                            "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }   "
                            "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}"
                        ] do
                        let found = (read (zip [ "a.npy", npy version header content ]))["a"]
                        Expect.equal (found.Bytes.ToArray()) content "rows first"

                let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }"
                let found = (read (zip [ "a.npy", npy 1uy header content ]))["a"]
                Expect.equal (found.Bytes.ToArray()) [| 1uy; 3uy; 5uy; 2uy; 4uy; 6uy |] "columns first"
                use tensor = found.ToTensor()
                Expect.equal tensor.shape [| 2L; 3L |] "as a tensor"
                Expect.equal (DenseArray.Of tensor) found "and back"

            testCase "what is no array of numbers is refused"
            <| fun () ->
                let one header content = zip [ "a.npy", npy 1uy header content ]

                let u1 shape =
                    $"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"

                refused [ "'|O8'" ] (one "{'descr': '|O8', 'fortran_order': False, 'shape': (1,), }" [||])
                refused [ "a.npy"; "'>f4'" ] (one "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }" (bytes 4))
                refused [ "needs 6 bytes, it has 5" ] (one (u1 "(2, 3)") (bytes 5))
                refused [ "needs 6 bytes, it has 7" ] (one (u1 "(2, 3)") (bytes 7))
                refused [ "needs -1" ] (one (u1 "(4000000000, 4000000000, 4000000000)") [||])
                refused [ "its header is not" ] (one (u1 "(-2,)") [||])
                refused [ "its header is not" ] (one "{'descr': __import__('os')}" [||])
                refused [ "version 1 to 3" ] (zip [ "a.npy", npy 4uy (u1 "(1,)") [| 1uy |] ])
                refused [ "no array" ] (zip [ "a.txt", [| 1uy |] ])
                refused [ "stands twice" ] (zip [ for _ in 1..2 -> "a.npy", npy 1uy (u1 "(1,)") [| 1uy |] ])
                refused [ "zip archive" ] "not a zip"B
                refused [ "zip archive" ] [||]

            testCase "damage anywhere is one clear error"
            <| fun () ->
                let all = arrays [ Dtype.F32 ]
                fuzz (read >> ignore) (NpzFile.Write all)

            testCase "a zip bomb is refused before it is unpacked"
            <| fun () ->
                let zeros = Array.zeroCreate 4_000_000
                let bomb = zip [ for i in 0..9 -> $"{i}.npy", zeros ]

                failsSaying [ "sample 9"; "claims"; "at most 1000000" ] (fun () ->
                    NpzFile.Read(bomb, "sample 9", 1_000_000L) |> ignore)
        ]

let private pytorch =
    testList
        "pth.gz"
        [
            testCase "every type and shape is read back equal, with gzip and without"
            <| fun () ->
                let all = arrays torchTypes
                let written = PyTorchArrays.Write all
                same all (PyTorchArrays.Read(written, "sample 9"))
                same all (PyTorchArrays.Read(PyTorchArrays.WriteGzip all, "sample 9"))
                Expect.equal (PyTorchArrays.Write all) written "deterministic"

            testCase "storages lie at multiples of 64 bytes; a file is a checkpoint like any other"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let all =
                        arrays [ Dtype.BF16; Dtype.F32 ]
                        |> List.filter (fun a -> a.Value.Bytes.Length > 0)

                    let path = Path.Combine(folder, "a.pth")
                    File.WriteAllBytes(path, PyTorchArrays.Write all)
                    use file = WeightsFile.Open(path, ".")
                    Expect.equal (file.Entries |> Seq.map _.Name |> Seq.toList) (all |> List.map _.Key) "names"

                    for entry in file.Entries do
                        Expect.equal (entry.Offset % 64L) 0L $"{entry.Name} lies at {entry.Offset}")

            testCase "a type without storage is an error that names it"
            <| fun () ->
                failsSaying [ "U64"; "PyTorch" ] (fun () ->
                    PyTorchArrays.Write [ pair "a" (DenseArray(Dtype.U64, [| 1L |], ReadOnlyMemory(bytes 8))) ]
                    |> ignore)

                failsSaying [ "BF16"; "numpy" ] (fun () ->
                    NpzFile.Write [ pair "a" (DenseArray(Dtype.BF16, [| 1L |], ReadOnlyMemory(bytes 2))) ]
                    |> ignore)

            testCase "damage anywhere is one clear error"
            <| fun () ->
                let all = arrays [ Dtype.BF16 ]

                let reading (content: byte[]) =
                    PyTorchArrays.Read(content, "sample 9") |> ignore

                fuzz reading (PyTorchArrays.Write all)
                fuzz reading (PyTorchArrays.WriteGzip all)

            testCase "a gzip bomb is refused"
            <| fun () ->
                use packed = new MemoryStream()

                do
                    use gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen = true)
                    let zeros = Array.zeroCreate<byte> 1_000_000

                    for _ in 1..20 do
                        gzip.Write(ReadOnlySpan zeros)

                failsSaying [ "sample 9"; "more than 1000000" ] (fun () ->
                    PyTorchArrays.Read(packed.ToArray(), "sample 9", 1_000_000L) |> ignore)
        ]

let private others =
    testList
        "read by others"
        [
            testCase "numpy.load reads our .npz, every type and shape"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let all = arrays numpyTypes
                    let path = Path.Combine(folder, "a.npz")
                    File.WriteAllBytes(path, NpzFile.Write all)

                    let script =
                        "import sys, numpy\nz = numpy.load(sys.argv[1])\nprint('\\n'.join(f'{k} {z[k].dtype} {list(z[k].shape)} {z[k].tobytes().hex()}' for k in z.files))"

                    let lines = (python "numpy" script [ path ]).Split('\n')
                    Expect.equal lines.Length all.Length "arrays"

                    for line, KeyValue(name, array) in Seq.zip lines all do
                        let shape = String.Join(", ", array.Shape)
                        let hex = Convert.ToHexStringLower(array.Bytes.Span)
                        Expect.stringStarts line $"{name} " "name"
                        Expect.stringEnds (line.TrimEnd()) ($"[{shape}] {hex}".TrimEnd()) $"{name}: shape and bytes")

            testCase "torch.load reads our .pth.gz, every type and shape"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let all = arrays torchTypes
                    let path = Path.Combine(folder, "a.pth.gz")
                    File.WriteAllBytes(path, PyTorchArrays.WriteGzip all)

                    let script =
                        "import sys, gzip, io, torch\nd = torch.load(io.BytesIO(gzip.open(sys.argv[1]).read()))\nfor k, t in d.items():\n    n = t.view(torch.int16).numpy() if t.dtype == torch.bfloat16 and t.numel() and t.dim() else (t.reshape(-1).view(torch.int16).numpy() if t.dtype == torch.bfloat16 else t.numpy())\n    print(k, t.dtype, list(t.shape), n.tobytes().hex())"

                    let lines = (python "torch, numpy" script [ path ]).Split('\n')
                    Expect.equal lines.Length all.Length "tensors"

                    for line, KeyValue(name, array) in Seq.zip lines all do
                        let shape = String.Join(", ", array.Shape)
                        let hex = Convert.ToHexStringLower(array.Bytes.Span)
                        Expect.stringStarts line $"{name} " "name"

                        Expect.stringEnds (line.TrimEnd()) ($"[{shape}] {hex}".TrimEnd()) $"{name}: shape and bytes")
        ]

[<Tests>]
let tests =
    Recipes.Tests.Support.torchTests "array files" [ numpy; pytorch; others ]
