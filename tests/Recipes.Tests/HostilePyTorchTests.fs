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

let private refused value fragments =
    inTemporaryFolder (fun folder ->
        failsSaying ("made.pth" :: fragments) (fun () -> opens (checkpoint folder value data)))

let private refusedFile (name: string) (bytes: byte[]) fragments =
    inTemporaryFolder
    <| fun folder ->
        let path = Path.Combine(folder, name)
        File.WriteAllBytes(path, bytes)
        failsSaying (name :: fragments) (fun () -> opens path)

let private store = storage "FloatStorage" "0" 2L
let private w value = dict [ text "w", value ]

let private repeat count (bytes: byte[]) =
    Array.concat (Seq.replicate count bytes)

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

/// Name, pickled value, what the error must say.
let private pickles =
    [
        "os.system is named",
        call (name "posix" "system") [ text "touch /tmp/pwned" ],
        [ "it names posix.system"; "state_dict()" ]
        "eval is named", call (name "builtins" "eval") [ text "1" ], [ "it names builtins.eval" ]
        "getattr is named", call (name "__builtin__" "getattr") [ text "a"; text "b" ], [ "it names builtins.getattr" ]
        "a name that is put together",
        Array.concat [ text "os"; text "system"; [| 0x93uy |]; op ')'; op 'R' ],
        [ "it names os.system" ]
        "a whole module", name "torch.nn.modules.linear" "Linear", [ "torch.nn.modules.linear.Linear"; "whole model" ]
        "a nested pickle",
        call (name "torch.storage" "_load_from_bytes") [ text "x" ],
        [ "torch.storage._load_from_bytes" ]
        "a sparse tensor", name "torch._utils" "_rebuild_sparse_tensor", [ "sparse"; "plain one" ]
        "complex128",
        w (tensor "ComplexDoubleStorage" "0" [ 1L ]),
        [ "torch.ComplexDoubleStorage"; "Convert the tensors" ]
        "quantized", w (tensor "QInt8Storage" "0" [ 1L ]), [ "torch.QInt8Storage" ]
        "a call of something else", call (text "os.system") [], [ "calls something that is no name" ]
        "a call of a dtype", call (name "torch" "float32") [ text "a" ], [ "calls torch.float32" ]
        "a call without a tuple", Array.concat [ name "torch" "Size"; text "a"; op 'R' ], [ "no tuple" ]
        "an offset outside", w (view store 2L [ 1L ] [ 1L ]), [ "ends at element 2, outside the storage's 2" ]
        "a stride outside", w (view store 0L [ 2L ] [ 2L ]), [ "ends at element 2, outside" ]
        "a stride that overflows",
        w (view store 0L [ 2L; 3L ] [ Int64.MaxValue; Int64.MaxValue ]),
        [ "outside the storage's 2" ]
        "a size that overflows", w (view store 0L [ Int64.MaxValue; 16L ] [ 0L; 0L ]), [ "larger than any memory" ]
        "a negative stride", w (view store 1L [ 2L ] [ -1L ]), [ "negative" ]
        "a negative offset", w (view store -1L [ 1L ] [ 1L ]), [ "negative" ]
        "a negative size", w (view store 0L [ -1L ] [ 1L ]), [ "negative" ]
        "more strides than sizes", w (view store 0L [ 1L ] [ 1L; 1L ]), [ "1 sizes and 2 strides" ]
        "65 dimensions", w (view store 0L (List.replicate 65 1L) (List.replicate 65 1L)), [ "65 sizes" ]
        "elements repeated to fill a disk",
        w (view store 0L [ 1_000_000L; 1_000_000L ] [ 0L; 0L ]),
        [ "views that repeat elements" ]
        "a storage that is missing",
        w (tensor "FloatStorage" "../../etc/passwd" [ 1L ]),
        [ "etc/passwd is missing from the archive" ]
        "a storage larger than its member",
        w (tensor "FloatStorage" "0" [ 3L ]),
        [ "has 8 bytes, the pickle gives it 12" ]
        "a storage larger than memory",
        w (tensor "FloatStorage" "0" [ Int64.MaxValue ]),
        [ "claims 9223372036854775807 elements" ]
        "a storage below zero", w (tensor "FloatStorage" "0" [ -4L ]), [ "claims -4 elements" ]
        "a storage in another form", Array.append (text "0") (op 'Q'), [ "a form that torch.save does not write" ]
        "no tensor", dict [ text "epoch", integer 1L ], [ "no tensor" ]
        "names that collide",
        dict
            [
                text "a", dict [ text "b", tensor "FloatStorage" "0" [ 2L ] ]
                text "a.b", tensor "FloatStorage" "0" [ 2L ]
            ],
        [ "two of its tensors are named a.b" ]
        "an unknown opcode", [| 0x82uy; 1uy |], [ "opcode 0x82" ]
        "the stack taken below zero", op 'a', [ "more from its stack" ]
        "the stack taken below its mark", Array.concat [ text "a"; op '('; op '0' ], [ "more from its stack" ]
        "a mark that was never set", op 't', [ "more from its stack" ]
        "a value that was never stored", [| byte 'h'; 7uy |], [ "recalls value 7" ]
        "a text longer than the pickle",
        Array.concat [ op 'X'; BitConverter.GetBytes 0x7fffffff ],
        [ "asks for 2147483647 bytes" ]
        "a text longer than any memory",
        Array.concat [ [| 0x8duy |]; BitConverter.GetBytes Int64.MinValue ],
        [ "asks for 9223372036854775808" ]
        "a text that is not UTF-8", [| byte 'X'; 1uy; 0uy; 0uy; 0uy; 0xffuy |], [ "not UTF-8" ]
        "an integer of a thousand bytes",
        Array.concat [ [| 0x8buy |]; BitConverter.GetBytes 1000 ],
        [ "an integer of 1000 bytes" ]
        "a name without an end", utf8 ("c" + String('a', 5000)), [ "does not end" ]
        "protocol 9", [| 0x80uy; 9uy |], [ "pickle protocol 9" ]
        "a hundred thousand lists in one another",
        Array.concat [ repeat 100_000 (op ']'); repeat 99_999 (op 'a') ],
        [ "nested deeper than 64" ]
        "a tensor in a hundred lists",
        Array.concat [ repeat 100 (op ']'); tensor "FloatStorage" "0" [ 2L ]; repeat 100 (op 'a') ],
        [ "nested deeper than 64" ]
        "a list in itself",
        Array.concat [ op ']'; [| byte 'q'; 0uy; byte 'h'; 0uy |]; op 'a' ],
        [ "nested deeper than 64" ]
        "a dictionary in itself, with a tensor",
        Array.concat
            [
                op '}'
                [| byte 'q'; 0uy |]
                text "w"
                tensor "FloatStorage" "0" [ 2L ]
                op 's'
                text "me"
                [| byte 'h'; 0uy |]
                op 's'
            ],
        [ "nested deeper than 64" ]
        // 2^50 paths to one tensor.
        "lists that double",
        Array.concat
            [
                op ']'
                tensor "FloatStorage" "0" [ 2L ]
                op 'a'
                repeat
                    50
                    [|
                        byte 'q'
                        0uy
                        byte '0'
                        byte ']'
                        byte 'h'
                        0uy
                        byte 'a'
                        byte 'h'
                        0uy
                        byte 'a'
                    |]
            ],
        [ "names are longer than any weights need" ]
        // Each call of a few bytes would copy a hundred thousand pairs.
        "calls that copy",
        Array.concat
            [
                op ']'
                op '('
                repeat 100_000 [| byte 'K'; 1uy; byte 'K'; 2uy; 0x86uy |]
                op 'e'
                [| byte 'q'; 0uy |]
                repeat 1000 (Array.concat [ name "collections" "OrderedDict"; [| byte 'h'; 0uy; 0x85uy; byte 'R' |] ])
            ],
        [ "makes more of itself" ]
    ]

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
            testList
                "pickles"
                [
                    for name, value, fragments in pickles -> testCase name (fun () -> refused value fragments)
                ]

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

            testCase "nothing of a hostile pickle ran"
            <| fun () -> Expect.isFalse (File.Exists "/tmp/pwned") "the file that it wanted to make"
        ]
