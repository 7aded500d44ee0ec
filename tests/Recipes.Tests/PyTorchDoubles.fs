/// Checkpoints written byte by byte, as torch.save writes them and as no one should.
module Recipes.Tests.PyTorchDoubles

open System
open System.IO
open System.IO.Compression
open System.Text

let private ascii (text: string) = Encoding.ASCII.GetBytes text

/// One byte of a pickle: an opcode, or a number below 256.
let op (opcode: char) = [| byte opcode |]

let text (value: string) =
    let bytes = Encoding.UTF8.GetBytes value
    Array.concat [ op 'X'; BitConverter.GetBytes bytes.Length; bytes ]

let integer (value: int64) =
    if value >= int64 Int32.MinValue && value <= int64 Int32.MaxValue then
        Array.concat [ op 'J'; BitConverter.GetBytes(int32 value) ]
    else
        Array.concat [ [| 0x8auy; 8uy |]; BitConverter.GetBytes value ]

let name (modul: string) (name: string) = ascii $"c{modul}\n{name}\n"

let tuple (items: byte[] list) =
    Array.concat (op '(' :: items @ [ op 't' ])

let call callable (arguments: byte[] list) =
    Array.concat [ callable; tuple arguments; op 'R' ]

let orderedDict = Array.concat [ name "collections" "OrderedDict"; op ')'; op 'R' ]

let dict (items: (byte[] * byte[]) list) =
    Array.concat
        [
            op '}'
            op '('
            Array.concat (items |> List.map (fun (k, v) -> Array.append k v))
            op 'u'
        ]

/// A pickle of protocol 2.
let pickle (value: byte[]) =
    Array.concat [ [| 0x80uy; 2uy |]; value; op '.' ]

let storage (kind: string) (key: string) (count: int64) =
    Array.append (tuple [ text "storage"; name "torch" kind; text key; text "cpu"; integer count ]) (op 'Q')

let numbers (values: int64 list) = tuple (values |> List.map integer)

/// A tensor that is a view of a storage.
let view store (offset: int64) shape strides =
    call
        (name "torch._utils" "_rebuild_tensor_v2")
        [
            store
            integer offset
            numbers shape
            numbers strides
            [| 0x89uy |]
            orderedDict
        ]

let rowMajor (shape: int64 list) = List.scanBack (*) shape 1L |> List.tail

let tensor kind key (shape: int64 list) =
    view (storage kind key (List.fold (*) 1L shape)) 0L shape (rowMajor shape)

/// A zip archive of members stored as they are.
let zipOf (path: string) (members: (string * byte[]) list) =
    use archive = ZipFile.Open(path, ZipArchiveMode.Create)

    for member', bytes in members do
        let entry = archive.CreateEntry(member', CompressionLevel.NoCompression)
        use stream = entry.Open()
        stream.Write(ReadOnlySpan bytes)

/// A checkpoint of this pickle and these storages; gives its path.
let checkpoint folder (value: byte[]) (storages: (string * byte[]) list) =
    let path = Path.Combine(folder, "made.pth")
    File.Delete path

    [
        "any name/data.pkl", pickle value
        "any name/byteorder", ascii "little"
        "any name/version", ascii "3\n"
    ]
    @ (storages |> List.map (fun (key, bytes) -> $"any name/data/{key}", bytes))
    |> zipOf path

    path

let private magic =
    [|
        0x80uy
        2uy
        0x8auy
        10uy
        0x6cuy
        0xfcuy
        0x9cuy
        0x46uy
        0xf9uy
        0x20uy
        0x6auy
        0xa8uy
        0x50uy
        0x19uy
        byte '.'
    |]

/// A file of the format before PyTorch 1.6.
let legacy folder (value: byte[]) (storages: (string * int64 * byte[]) list) =
    let path = Path.Combine(folder, "legacy.pth")
    let keys = storages |> List.map (fun (key, _, _) -> text key)

    Array.concat
        [
            magic
            pickle (integer 1001L)
            pickle (dict [ text "little_endian", [| 0x88uy |] ])
            pickle value
            pickle (Array.concat [ op ']'; op '('; Array.concat keys; op 'e' ])
            for _, count, bytes in storages do
                BitConverter.GetBytes count
                bytes
        ]
    |> fun bytes -> File.WriteAllBytes(path, bytes)

    path

/// The floats as bytes.
let floats (values: float32 seq) =
    values |> Seq.map BitConverter.GetBytes |> Array.concat
