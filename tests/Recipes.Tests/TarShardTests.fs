module Recipes.Tests.TarShardTests

open System
open System.Formats.Tar
open System.IO
open System.IO.Compression
open System.Text
open System.Threading.Tasks
open Expecto
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.ShardDoubles

let private gzip (bytes: byte[]) =
    use memory = new MemoryStream()
    using (new GZipStream(memory, CompressionLevel.Fastest)) (fun packed -> packed.Write(bytes, 0, bytes.Length))
    memory.ToArray()

/// Where the header of a member of a plain tar stands.
let private headerOf (name: string) (bytes: byte[]) =
    Seq.init (bytes.Length / 512) (fun b -> 512 * b)
    |> Seq.find (fun at -> Encoding.ASCII.GetString(bytes, at, name.Length) = name)

let private good =
    [
        testCase "every tar format is read: long names, attributes, directories"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                for format in
                    [
                        TarEntryFormat.Pax
                        TarEntryFormat.Ustar
                        TarEntryFormat.Gnu
                        TarEntryFormat.V7
                    ] do
                    let long =
                        if format = TarEntryFormat.Pax || format = TarEntryFormat.Gnu then
                            String('x', 180) + "é"
                        else
                            "short"

                    let path =
                        write
                            folder
                            $"{format}.tar"
                            (tarAs format (threeSamples @ [ $"a/b.c/{long}.seg.png", [| 7uy |] ]))

                    use set = ShardSet.Open path
                    Expect.equal (keys set) [ "k0"; "k1"; "k2"; $"a/b.c/{long}" ] $"{format}: keys"
                    Expect.equal (set.Read(3, "seg.png")) [| 7uy |] $"{format}: the extension begins at the first dot"
                    Expect.equal (Encoding.UTF8.GetString(set.Read(1, "txt"))) "text 1" $"{format}: content"
                    Expect.isNull (set.Read(1, "cls")) $"{format}: no such member")

        testCase "a packed tar reads as the plain one, from any thread, and leaves no file"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let bytes = tar [ for i in 0..99 -> $"{i:D3}.bin", Array.create (100 * i) (byte i) ]
                let plain, packed = write folder "a.tar" bytes, write folder "b.tgz" (gzip bytes)

                let temporary () =
                    Directory.GetFiles(Path.GetTempPath(), "recipes-*.tar").Length

                let before = temporary ()

                for path in [ plain; packed ] do
                    use set = ShardSet.Open path
                    Expect.equal set.Count 100 path

                    Parallel.For(
                        0,
                        1000,
                        fun n ->
                            let i = n * 37 % 100
                            Expect.equal (set.Read(i, "bin")) (Array.create (100 * i) (byte i)) path
                            Expect.equal (set.Sample i).Members[0].Bytes.Length (100 * i) "whole sample"
                    )
                    |> ignore

                if not (OperatingSystem.IsWindows()) then
                    Expect.equal (temporary ()) before "no temporary file has a name")

        testCase "more shards than may be open at once are read from many threads"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let count = 300

                for i in 0 .. count - 1 do
                    write folder $"{i:D4}.tar" (tar [ $"k{i}.txt", utf8 $"{i}" ]) |> ignore

                use set = ShardSet.Open folder
                Expect.equal set.Count count "samples"

                Parallel.For(
                    0,
                    4 * count,
                    fun n ->
                        let i = n * 7 % count
                        Expect.equal (Encoding.ASCII.GetString(set.Read(i, "txt"))) $"{i}" "content"
                )
                |> ignore)

        testCase "folders, patterns and braces name shards"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                for name in [ "cc-000008"; "cc-000009"; "cc-000010"; "sub/x" ] do
                    write folder (name + ".tar") (tar [ name.Replace('/', '-') + ".txt", utf8 name ])
                    |> ignore

                let at (pattern: string) = Path.Combine(folder, pattern)

                for pattern, expected in
                    [
                        at "", [ "cc-000008"; "cc-000009"; "cc-000010"; "sub-x" ]
                        at "cc-00000?.tar", [ "cc-000008"; "cc-000009" ]
                        at "cc-{000009..000010}.tar", [ "cc-000009"; "cc-000010" ]
                        at "{sub/x,cc-000008}.tar", [ "sub-x"; "cc-000008" ]
                    ] do
                    use set = ShardSet.Open pattern
                    Expect.equal (keys set) expected pattern

                failsSaying [ "cc-000011.tar"; "cc-000012.tar"; "no such file" ] (fun () ->
                    ShardSet.Open(at "cc-{000010..000012}.tar") |> ignore)

                failsSaying [ "no range" ] (fun () -> ShardSet.Open(at "cc-{3..1}.tar") |> ignore)

                failsSaying [ "found none in this folder" ] (fun () ->
                    ShardSet.Open(Directory.CreateDirectory(at "empty").FullName) |> ignore))
    ]

let private bad =
    [
        testCase "duplicates within and across shards are named together, and the first is used when skipping"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let twice =
                    threeSamples
                    @ [ "k0.txt", utf8 "again"; "k3.txt", utf8 "a"; "k3.txt", utf8 "b" ]

                write folder "a.tar" (tar twice) |> ignore

                write folder "b.tar" (tar [ "k1.txt", utf8 "elsewhere"; "new.txt", utf8 "new" ])
                |> ignore

                failsSaying
                    [
                        "k0: duplicate key"
                        "k3.txt: duplicate member"
                        "b.tar: k1: duplicate key"
                        "a.tar has it too"
                    ]
                    (fun () -> ShardSet.Open folder |> ignore)

                use set = skipping folder
                Expect.equal (keys set) [ "k0"; "k1"; "k2"; "k3"; "new" ] "each once"
                Expect.equal (Encoding.UTF8.GetString(set.Read(0, "txt"))) "text 0" "the first k0"
                Expect.equal (Encoding.UTF8.GetString(set.Read(3, "txt"))) "a" "the first k3.txt")

        testCase "wherever a tar is cut, what stood before is read and the cut is reported"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let bytes = tar threeSamples
                let ends = headerOf "k2.txt" bytes + 1024
                let starts = [ for i in 0..2 -> headerOf $"k{i}.png" bytes ]
                let mutable cuts = 0

                for length in [ 0..97..ends ] @ [ for s in starts -> s ] @ [ 512; ends ] do
                    use set = skipping (write folder "cut.tar" bytes[.. length - 1])
                    let found = reasons set.Problems
                    Expect.isNonEmpty found $"{length} bytes: the cut is seen"

                    Expect.isTrue
                        (found |> List.forall (fun r -> r = "cut off" || r = "no tar"))
                        $"{length} bytes: {found}"

                    for i in 0 .. set.Count - 1 do
                        for extension in set.Extensions i do
                            Expect.equal
                                (set.Read(i, extension))
                                (threeSamples |> List.find (fun (n, _) -> n = $"{set.Key i}.{extension}") |> snd)
                                $"{length} bytes: whole members only"

                    // A sample whose next begins has all its members.
                    let whole =
                        starts
                        |> List.filter (fun s -> s <= length)
                        |> List.length
                        |> (fun n -> max 0 (n - 1))

                    Expect.isTrue (set.Count >= whole) $"{length} bytes: {set.Count} samples, {whole} whole"
                    cuts <- cuts + 1

                Expect.isGreaterThan cuts 20 "cuts tried"

                failsSaying [ "cut.tar"; "cut off"; "blocks of zeros" ] (fun () ->
                    ShardSet.Open(Path.Combine(folder, "cut.tar")) |> ignore))

        testCase "a damaged header is seen, in whatever format"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                for format in [ TarEntryFormat.Ustar; TarEntryFormat.Pax; TarEntryFormat.Gnu ] do
                    let bytes = tarAs format threeSamples
                    bytes[headerOf "k1.txt" bytes + 3] <- byte 'Z'
                    use set = skipping (write folder $"{format}.tar" bytes)
                    Expect.equal (reasons set.Problems) [ "bad checksum" ] $"{format}"
                    Expect.contains (keys set) "k0" $"{format}: what stands before")

        testCase "damaged gzip, other files, links: one clear error each"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let packed = gzip (tar threeSamples)
                let cut = write folder "cut.tar.gz" packed[.. packed.Length / 2]
                failsSaying [ "cut.tar.gz" ] (fun () -> ShardSet.Open cut |> ignore)
                let damaged = Array.copy packed
                damaged[packed.Length - 6] <- damaged[packed.Length - 6] ^^^ 0xFFuy

                failsSaying [ "damaged.tgz"; "damaged gzip" ] (fun () ->
                    ShardSet.Open(write folder "damaged.tgz" damaged) |> ignore)

                failsSaying [ "text.tar"; "no tar" ] (fun () ->
                    ShardSet.Open(write folder "text.tar" (Array.create 2000 97uy)) |> ignore)

                failsSaying [ "gz.tgz"; "damaged gzip" ] (fun () ->
                    ShardSet.Open(write folder "gz.tgz" (utf8 "no gzip")) |> ignore)

                use memory = new MemoryStream()

                using (new TarWriter(memory, true)) (fun tar ->
                    tar.WriteEntry(PaxTarEntry(TarEntryType.SymbolicLink, "k.txt", LinkName = "/etc/passwd")))

                failsSaying [ "links.tar"; "k.txt: no plain file" ] (fun () ->
                    ShardSet.Open(write folder "links.tar" (memory.ToArray())) |> ignore))

        testCase "whatever bytes change, opening and reading end in samples or in one clear error"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let original = tarAs TarEntryFormat.Pax threeSamples
                let random = Random 5

                for _ in 1..400 do
                    let bytes = Array.copy original

                    for _ in 0 .. random.Next 4 do
                        bytes[random.Next bytes.Length] <- byte (random.Next 256)

                    use set = skipping (write folder "fuzz.tar" bytes)

                    for i in 0 .. set.Count - 1 do
                        set.Sample i |> ignore)

        testCase "a shard that changes while it is open is an error, not other bytes"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let path = write folder "a.tar" (tar threeSamples)
                use set = ShardSet.Open path

                use file =
                    new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)

                file.SetLength 600L
                failsSaying [ "a.tar"; "has changed" ] (fun () -> set.Read(2, "png") |> ignore))
    ]

let private real =
    [
        testCase "WebDataset's own files and the DataCompDR shard open (../shared)"
        <| fun () ->
            let data = shared "data/webdataset_samples"
            use digits = ShardSet.Open(Path.Combine(data, "sample.tgz"))
            Expect.equal digits.Count 90 "digits"
            Expect.equal (List.ofSeq (digits.Extensions 0)) [ "cls"; "png" ] "members"
            use packs = ShardSet.Open(Path.Combine(data, "mpdata.tar"))
            Expect.equal packs.Count 100 "MessagePack"
            use nested = ShardSet.Open(Path.Combine(data, "compressed.tar"))
            Expect.equal (keys nested) [ "compressed/0001"; "compressed/0002"; "compressed/0003" ] "in a folder"
            let golden = shared "goldens/reinforced_set1"
            use reinforced = ShardSet.Open(Path.Combine(golden, "00000000.tar"))
            Expect.equal reinforced.Count 3 "samples"

            Expect.equal
                (List.ofSeq (reinforced.Extensions 0))
                [ "jpg"; "json"; "npz"; "paug.json"; "syn.json"; "txt"; "url.txt" ]
                "members"
    ]

[<Tests>]
let tests = testList "tar shards" (good @ bad @ real)
