/// Checkpoints that are damaged, wrong or made to do harm: one clear error each, nothing run, no crash, no hang.
module Recipes.Tests.HostilePyTorchTests

open System
open System.Diagnostics
open System.IO
open System.Text
open Expecto
open Recipes
open Recipes.Tests.Support
open Recipes.Tests.PyTorchDoubles
open Recipes.Weights

let private opens (path: string) =
    use file = WeightsFile.Open path
    ignore file.Entries

let private data = [ "0", floats [ 1f; 2f ] ]

let private refusedFile (name: string) (bytes: byte[]) fragments =
    inTemporaryFolder
    <| fun folder ->
        let path = Path.Combine(folder, name)
        File.WriteAllBytes(path, bytes)
        failsSaying (name :: fragments) (fun () -> opens path)

let private w value = dict [ text "w", value ]
let private utf8 (text: string) = Encoding.UTF8.GetBytes text

let private small folder =
    checkpoint folder (w (tensor "FloatStorage" "0" [ 2L ])) data

/// A checkpoint with these bytes, found once, replaced by others.
let private patched (find: byte[]) (put: byte[]) folder =
    let path = small folder
    let bytes = File.ReadAllBytes path
    let at = bytes.AsSpan().LastIndexOf(ReadOnlySpan find)
    Expect.isGreaterThanOrEqual at 0 "the bytes to replace"
    put.CopyTo(bytes, at)
    File.WriteAllBytes(path, bytes)
    path

/// Each prefix of a file, and the file with one byte changed, opens and reads, or is refused; nothing else happens.
let private survives (source: string) step =
    let bytes = File.ReadAllBytes source
    let cuts = [ 0..step .. bytes.Length - 1 ]

    inTemporaryFolder
    <| fun folder ->
        let path = Path.Combine(folder, "cut.pth")
        let watch = Stopwatch.StartNew()

        let attempt (content: byte[]) =
            File.WriteAllBytes(path, content)

            try
                use file = WeightsFile.Open(path, null)

                for entry in file.Entries do
                    file.Bytes(entry.Name).Length |> ignore

                true
            with :? RecipesException as e ->
                Expect.stringContains e.Message "cut.pth" "the error names the file"
                false

        for length in cuts do
            Expect.isFalse (attempt bytes[.. length - 1]) $"cut to {length} of {bytes.Length} bytes"

        for at in cuts do
            let changed = Array.copy bytes
            changed[at] <- changed[at] ^^^ 0x55uy
            attempt changed |> ignore

        Expect.isLessThan watch.Elapsed.TotalSeconds 60.0 "seconds"

    cuts.Length

[<Tests>]
let tests =
    testList
        "hostile pytorch"
        [
            testCase "wrong files are named for what they are"
            <| fun () ->
                for name, bytes, fragments in
                    [
                        "page.pth", utf8 "\n<!DOCTYPE html><html>404</html>", [ "a web page" ]
                        "lfs.safetensors",
                        utf8 "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
                        [ "Git LFS pointer"; "git lfs pull" ]
                        "empty.pt", [||], [ "empty" ]
                        "text.pt", utf8 "abc", [ "no known format"; "616263" ]
                        "gzip.pth", [| 0x1fuy; 0x8buy; 8uy; 0uy |], [ "gzip" ]
                        "pickle.pth", pickle (dict []), [ "a plain pickle" ]
                        "array.npy", Array.append [| 0x93uy |] (utf8 "NUMPY"), [ "numpy array" ]
                        "config.json", utf8 "{\"a\": 1}", [ "no weight_map" ]
                    ] do
                    refusedFile name bytes fragments

            testCase "a safetensors file named .pt is read as what it is"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "a.pt")
                    let header = utf8 "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}"

                    File.WriteAllBytes(
                        path,
                        Array.concat [ BitConverter.GetBytes(int64 header.Length); header; [| 1uy; 2uy |] ]
                    )

                    use file = WeightsFile.Open path
                    Expect.equal (file.Bytes("a").ToArray()) [| 1uy; 2uy |] "values"

                    failsSaying [ "a safetensors file, whatever its name" ] (fun () ->
                        (PyTorchFile.Open path).Dispose())

            testCase "archives that lie: order of bytes, version, sizes, names, compression, several pickles"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "made.pth")

                    let archive members fragments =
                        File.Delete path
                        zipOf path members
                        failsSaying ("made.pth" :: fragments) (fun () -> opens path)

                    let value = pickle (w (tensor "FloatStorage" "0" [ 2L ]))
                    archive [ "a/data.pkl", value; "a/byteorder", utf8 "big" ] [ "'big' endian" ]
                    archive [ "a/data.pkl", value; "a/version", utf8 "99" ] [ "version '99'" ]
                    archive [ "a/data.pkl", value; "b/data.pkl", value ] [ "several pickles" ]
                    archive [ "a/data.pkl", value; "a/constants.pkl", value ] [ "TorchScript" ]
                    archive [ "model.pth", value ] [ "without data.pkl" ]
                    archive [ "x.npy", value ] [ "numpy arrays" ]

                    // The directory's last record is the storage: its sizes, its place.
                    let record = utf8 "any name/data/0"
                    let sizes = Array.append (BitConverter.GetBytes 8) (BitConverter.GetBytes 8)

                    let lie (value: int) =
                        Array.append (BitConverter.GetBytes value) (BitConverter.GetBytes value)

                    failsSaying [ "does not fit" ] (fun () -> opens (patched sizes (lie 0x7fffffff) folder))

                    failsSaying [ "claims 9 bytes at" ] (fun () ->
                        opens (patched sizes (Array.append (BitConverter.GetBytes 9) (BitConverter.GetBytes 8)) folder))

                    failsSaying [ "another name" ] (fun () -> opens (patched record (utf8 "any name/data/1") folder))

                    use packed = new MemoryStream()
                    File.Delete path

                    (use zip = IO.Compression.ZipFile.Open(path, IO.Compression.ZipArchiveMode.Create)
                     use stream = zip.CreateEntry("a/data.pkl").Open()
                     stream.Write(ReadOnlySpan(Array.append value (Array.zeroCreate 1000))))

                    failsSaying [ "compressed"; "zip -0" ] (fun () -> opens path)

            testCase "legacy files that lie: endianness, missing and foreign storages, counts"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let value = w (tensor "FloatStorage" "0" [ 2L ])
                    let bytes = floats [ 1f; 2f ]

                    for storages, fragments in
                        [
                            [], [ "0 is missing from its list" ]
                            [ "9", 2L, bytes ], [ "a storage that no tensor uses" ]
                            [ "0", 3L, bytes ], [ "has 3 elements, the pickle gives it 2" ]
                            [ "0", 2L, bytes[..6] ], [ "only 7 follow" ]
                            [ "0", 2L, bytes; "0", 2L, bytes ], [ "listed twice" ]
                        ] do
                        failsSaying ("legacy.pth" :: fragments) (fun () -> opens (legacy folder value storages))

            testCase "real files, cut at every 97th byte or with one byte changed, are read or refused"
            <| fun () ->
                for name in
                    [
                        "non_contiguous_indexes.pt"
                        "optimizer_adamw.pth"
                        "legacy_shared_storage.pt"
                        "fortran_tensor_3d.pth"
                    ] do
                    Expect.isGreaterThan (survives (shared $"data/checkpoints/{name}") 97) 6 name

            testCase "a made file, cut or changed at every byte, is read or refused"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    Expect.isGreaterThan (survives (small folder) 1) 500 "cuts of the zip format"

                    legacy folder (w (tensor "FloatStorage" "0" [ 2L ])) [ "0", 2L, floats [ 1f; 2f ] ]
                    |> fun path -> Expect.isGreaterThan (survives path 1) 200 "cuts of the legacy format"
        ]
