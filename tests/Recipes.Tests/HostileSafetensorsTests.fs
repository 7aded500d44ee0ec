module Recipes.Tests.HostileSafetensorsTests

open System
open System.Diagnostics
open System.IO
open System.Text
open Expecto
open TorchSharp
open Recipes
open Recipes.Tests.Support
open Recipes.Weights

/// A file with this header and this many bytes of data.
let private fileOf folder (header: byte[]) (data: int) =
    let path = Path.Combine(folder, "hostile.safetensors")
    File.WriteAllBytes(path, Array.concat [ BitConverter.GetBytes(int64 header.Length); header; Array.zeroCreate data ])
    path

let private opens path =
    use file = SafetensorsFile.Open path
    ignore file.Entries

let private refused (header: string) data fragments =
    inTemporaryFolder
    <| fun folder ->
        let path = fileOf folder (Encoding.UTF8.GetBytes header) data
        failsSaying ("hostile.safetensors" :: fragments) (fun () -> opens path)

let private refusedBytes (bytes: byte[]) fragments =
    inTemporaryFolder
    <| fun folder ->
        let path = Path.Combine(folder, "hostile.safetensors")
        File.WriteAllBytes(path, bytes)
        failsSaying ("hostile.safetensors" :: fragments) (fun () -> opens path)

let private one dtype shape offsets =
    $"{{\"a\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":{offsets}}}}}"

let private two first second =
    $"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":{first}}},\"b\":{{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":{second}}}}}"

/// Name, header, bytes of data, what the error must say.
let private headers =
    [
        "no JSON object", "[1]", 0, [ "begins with byte 0x5b" ]
        "an empty header", "", 0, [ "begins with nothing" ]
        "a header cut off", "{\"a\":{\"dtype\":\"F32\"", 0, [ "not JSON" ]
        "text after the object", "{} x", 0, [ "not JSON" ]
        "nested a thousand deep", "{\"a\":" + String('[', 1000) + String(']', 1000) + "}", 0, [ "not JSON" ]
        "half a surrogate pair", "{\"\\ud800\":{}}", 0, [ "surrogate" ]
        "the same name twice", two "[0,4]" "[4,8]" |> _.Replace("\"b\"", "\"a\""), 8, [ "a: the name stands twice" ]
        "the same name twice, once escaped",
        two "[0,4]" "[4,8]" |> _.Replace("\"b\"", "\"\\u0061\""),
        8,
        [ "stands twice" ]
        "the same field twice", one "U8" "[4]" "[0,4],\"shape\":[4]", 4, [ "a: shape stands twice" ]
        "a missing field", "{\"a\":{\"shape\":[4],\"data_offsets\":[0,4]}}", 4, [ "a: dtype is missing" ]
        "an entry that is no object", "{\"a\":7}", 0, [ "a: expected an object, found 7" ]
        "an unknown dtype", one "F23" "[1]" "[0,4]", 4, [ "unknown dtype F23"; "did you mean F" ]
        "a dtype that is no string", one "F32" "[1]" "[0,4]" |> _.Replace("\"F32\"", "32"), 4, [ "dtype is 32" ]
        "a negative size", one "F32" "[-1]" "[0,4]", 4, [ "shape[0] is -1" ]
        "a fractional size", one "F32" "[2,1.5]" "[0,12]", 12, [ "shape[1] is 1.5" ]
        "a size beyond 64 bits", one "U8" "[99999999999999999999]" "[0,4]", 4, [ "shape[0] is 99999999999999999999" ]
        "a shape whose product overflows", one "F32" "[4294967296,4294967296]" "[0,0]", 0, [ "below 2^63" ]
        "an overflow hidden by a zero", one "F32" "[4294967296,0,4294967296]" "[0,0]", 0, [ "below 2^63" ]
        "1,000 dimensions", one "U8" ("[" + String.Join(",", Array.create 1000 "1") + "]") "[0,1]", 1, [ "at most 64" ]
        "half a byte", one "F4" "[3]" "[0,2]", 2, [ "whole number of bytes" ]
        "negative offsets", one "U8" "[4]" "[-4,0]", 4, [ "data_offsets[0] is -4" ]
        "offsets the wrong way round", one "U8" "[4]" "[4,0]", 4, [ "end at 0, before they begin at 4" ]
        "one offset", one "U8" "[4]" "[4]", 4, [ "holds 1 numbers, expected 2" ]
        "three offsets", one "U8" "[4]" "[0,4,8]", 4, [ "data_offsets[2] is 8" ]
        "data beyond the end", one "U8" "[9]" "[0,9]", 4, [ "ends at 9, but the file holds 4" ]
        "data far beyond the end",
        one "U8" "[9223372036854775807]" "[0,9223372036854775807]",
        4,
        [ "but the file holds 4" ]
        "overlapping ranges", two "[0,4]" "[2,6]", 6, [ "b: its data begins at 2 and overlaps a, which ends at 4" ]
        "the same range twice", two "[0,4]" "[0,4]", 4, [ "b: its data begins at 0 and overlaps a" ]
        "a hole", two "[0,4]" "[8,12]", 12, [ "b: its data begins at 8, a hole after a, which ends at 4" ]
        "a hole at the beginning", two "[4,8]" "[8,12]", 12, [ "a: its data begins at 4, a hole after the header" ]
        "trailing bytes", two "[0,4]" "[4,8]", 11, [ "3 bytes follow the last tensor, b" ]
        "data without tensors", "{}", 5, [ "5 bytes follow the last tensor" ]
        "fewer bytes than shape and dtype need",
        one "F32" "[2]" "[0,4]",
        4,
        [ "a F32 [2]: needs 8 bytes, data_offsets give it 4" ]
        "metadata that is no object", "{\"__metadata__\":[1]}", 0, [ "__metadata__: expected an object" ]
        "metadata that is no text",
        "{\"__metadata__\":{\"step\":1}}",
        0,
        [ "__metadata__.step: expected a string, found 1" ]
        "a metadata key twice",
        "{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}",
        0,
        [ "__metadata__.a: the key stands twice" ]
        "control characters in a name", "{\"\\u001b[31m\":7}", 0, [ "?[31m: expected" ]
    ]

let private resident () =
    use me = Process.GetCurrentProcess()
    me.WorkingSet64

[<Tests>]
let tests =
    torchTests
        "hostile safetensors"
        [
            yield!
                [
                    for name, header, data, fragments in headers ->
                        testCase $"refused: {name}" <| fun () -> refused header data fragments
                ]

            testCase "refused: shorter than its header's length"
            <| fun () ->
                refusedBytes [||] [ "has 0 bytes" ]
                refusedBytes [| 1uy; 2uy; 3uy |] [ "has 3 bytes" ]
                refusedBytes (BitConverter.GetBytes 64L) [ "claims 64 bytes, but only 0 follow" ]

            testCase "refused: a header longer than the format allows"
            <| fun () ->
                refusedBytes (BitConverter.GetBytes 100000001L) [ "claims 100000001" ]
                refusedBytes (BitConverter.GetBytes -1L) [ "claims 18446744073709551615" ]

            testCase "refused: a header that is not UTF-8"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    failsSaying [ "not UTF-8" ] (fun () -> opens (fileOf folder [| byte '{'; 0xFFuy; byte '}' |] 0))

            testCase "all problems come in one error"
            <| fun () ->
                let header =
                    "{\"a\":{\"dtype\":\"Q\",\"shape\":[-1],\"data_offsets\":[0,4]},\"b\":{\"shape\":[1],\"data_offsets\":[4,5]},\"__metadata__\":{\"x\":1}}"

                refused
                    header
                    4
                    [
                        "5 problems, nothing read"
                        "dtype Q"
                        "shape[0] is -1"
                        "b: dtype is missing"
                        "__metadata__.x"
                        "file holds 4 bytes"
                    ]

            testCase "a million problems are counted, not kept"
            <| fun () ->
                let header = "{" + String.Join(",", [ for i in 1..1000 -> $"\"a{i}\":1" ]) + "}"
                refused header 0 [ "1000 problems"; "... and 950 more" ]

            testCase "every prefix of a good file is refused"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "good.safetensors")
                    use t = torch.arange 5L
                    SafetensorsWriter.Write(path, [ Collections.Generic.KeyValuePair("t", t) ])
                    let whole = File.ReadAllBytes path

                    for length in 0 .. whole.Length - 1 do
                        File.WriteAllBytes(path, whole[.. length - 1])
                        failsSaying [ "good.safetensors" ] (fun () -> opens path)

            testCase "a missing file and a folder give one clear error"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    failsSaying [ "none.safetensors: cannot be opened" ] (fun () ->
                        opens (Path.Combine(folder, "none.safetensors")))

                    failsSaying [ "cannot be opened" ] (fun () -> opens folder)

            testCase "types that TorchSharp lacks open, give their bytes, and fail by name when asked for as tensors"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let types =
                        [
                            "U16", 2
                            "U32", 4
                            "U64", 8
                            "F8_E4M3", 1
                            "F8_E5M2", 1
                            "F8_E8M0", 1
                            "F8_E4M3FNUZ", 1
                            "F8_E5M2FNUZ", 1
                        ]
                        |> List.map (fun (name, size) -> name, 4, 4 * size)
                        |> List.append [ "F4", 4, 2; "F6_E2M3", 4, 3; "F6_E3M2", 4, 3 ]

                    for name, count, bytes in types do
                        let path =
                            fileOf folder (Encoding.UTF8.GetBytes(one name $"[{count}]" $"[0,{bytes}]")) bytes

                        use file = SafetensorsFile.Open path
                        Expect.equal (file.Bytes("a").Length) bytes name

                        failsSaying [ $"a {name} [4]"; $"TorchSharp has no {name} tensors" ] (fun () ->
                            file.Read "a" |> ignore)

            testCase "a BOOL other than 0 and 1 is refused by name"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = fileOf folder (Encoding.UTF8.GetBytes(one "BOOL" "[3]" "[0,3]")) 3
                    let bytes = File.ReadAllBytes path
                    bytes[bytes.Length - 1] <- 2uy
                    File.WriteAllBytes(path, bytes)
                    use file = SafetensorsFile.Open path
                    failsSaying [ "a BOOL [3]: element 2 is the byte 2" ] (fun () -> file.Read "a" |> ignore)

            testCase "a name that the file lacks is answered with the nearest"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path =
                        fileOf
                            folder
                            (Encoding.UTF8.GetBytes((one "U8" "[1]" "[0,1]").Replace("\"a\"", "\"fc.weight\"")))
                            1

                    use file = SafetensorsFile.Open path

                    failsSaying [ "holds no tensor fc.wieght; did you mean fc.weight?" ] (fun () ->
                        file.Read "fc.wieght" |> ignore)

            testCase "opening 200 MB and reading one tensor of them touches only that tensor"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let half = 100_000_000L
                    let path = Path.Combine(folder, "big.safetensors")

                    let header =
                        $"{{\"big\":{{\"dtype\":\"U8\",\"shape\":[{2L * half}],\"data_offsets\":[0,{2L * half}]}},\"small\":{{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[{2L * half},{2L * half + 4L}]}}}}"
                        |> Encoding.UTF8.GetBytes

                    use stream = File.Create path
                    stream.Write(ReadOnlySpan(BitConverter.GetBytes(int64 header.Length)))
                    stream.Write(ReadOnlySpan header)
                    stream.SetLength(stream.Position + 2L * half + 4L)
                    stream.Dispose()

                    let grown () =
                        let before = resident ()
                        use file = SafetensorsFile.Open path
                        use small = file.Read "small"
                        Expect.equal small.shape [| 4L |] "the small one"
                        resident () - before

                    // Tests on other threads grow too; reading the whole file would show every time.
                    let least = Seq.init 5 (fun _ -> grown ()) |> Seq.min
                    Expect.isLessThan least (2L * half / 10L) $"resident growth (was {least} bytes)"
        ]
