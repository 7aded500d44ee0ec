/// Pickles made to do harm: every opcode and name that weights do not need is refused, and no size or depth is believed.
module Recipes.Tests.HostilePicklesTests

open System
open System.IO
open System.Text
open Expecto
open Recipes.Tests.Support
open Recipes.Tests.PyTorchDoubles
open Recipes.Weights

let private opens (path: string) =
    use file = WeightsFile.Open path
    ignore file.Entries

// What the hostile call would make.
let private pwned = Path.Combine(Path.GetTempPath(), "recipes-hostile-pickle-ran")

let private data = [ "0", floats [ 1f; 2f ] ]

let private refused value fragments =
    inTemporaryFolder (fun folder ->
        failsSaying ("made.pth" :: fragments) (fun () -> opens (checkpoint folder value data)))

let private store = storage "FloatStorage" "0" 2L
let private w value = dict [ text "w", value ]

let private repeat count (bytes: byte[]) =
    Array.concat (Seq.replicate count bytes)

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

/// Name, pickled value, what the error must say.
let private pickles =
    [
        "os.system is named",
        call (name "posix" "system") [ text $"touch {pwned}" ],
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

[<Tests>]
let tests =
    testList
        "hostile pickles"
        [
            for name, value, fragments in pickles ->
                testCase name (fun () ->
                    refused value fragments
                    Expect.isFalse (File.Exists pwned) "nothing ran")
        ]
