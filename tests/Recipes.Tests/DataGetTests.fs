module Recipes.Tests.DataGetTests

open System
open System.Formats.Tar
open System.IO
open System.IO.Compression
open System.Net
open System.Net.Sockets
open System.Security.Cryptography
open Expecto
open Recipes.Data
open Recipes.Tests.Support

/// A server on loopback that knows ranges, for as long as the test runs; `serve` may cut a body off.
type private Server(body: byte[], ranges: bool, cutAt: int) =
    let port =
        use listener = new TcpListener(IPAddress.Loopback, 0)
        listener.Start()
        (listener.LocalEndpoint :?> IPEndPoint).Port

    let http = new HttpListener()
    let asked = ResizeArray<string>()
    let mutable cut = cutAt

    let answer (context: HttpListenerContext) =
        let range = context.Request.Headers["Range"]
        lock asked (fun () -> asked.Add(string range))

        let from =
            if ranges && not (isNull range) then
                int (range.Replace("bytes=", "").TrimEnd '-')
            else
                0

        context.Response.StatusCode <- if from > 0 then 206 else 200

        if from > 0 then
            context.Response.Headers["Content-Range"] <- $"bytes {from}-{body.Length - 1}/{body.Length}"

        context.Response.ContentLength64 <- int64 (body.Length - from)

        if cut > 0 then
            context.Response.OutputStream.Write(body, from, cut)
            context.Response.OutputStream.Flush()
            cut <- 0
            context.Response.Abort()
        else
            context.Response.OutputStream.Write(body, from, body.Length - from)
            context.Response.Close()

    let rec loop () =
        task {
            let! context = http.GetContextAsync()

            try
                answer context
            with _ ->
                context.Response.Abort()

            return! loop ()
        }

    do
        http.Prefixes.Add $"http://127.0.0.1:{port}/"
        http.Start()
        loop () |> ignore

    member _.Address = Uri $"http://127.0.0.1:{port}/"
    member _.Asked = lock asked (fun () -> List.ofSeq asked)

    interface IDisposable with
        member _.Dispose() = http.Close()

let private body =
    let bytes = Array.zeroCreate<byte> 300_000
    Random(1).NextBytes bytes
    bytes

let private entryOf name (bytes: byte[]) hash =
    DataEntry("sample", "", "", "", [| DataFile(name, Uri "http://unused.invalid/", bytes.LongLength, hash) |])

let private hashOf (bytes: byte[]) =
    Convert.ToHexStringLower(SHA256.HashData bytes)

let private entry = entryOf "file.bin" body (hashOf body)

let private get (server: Server) folder (entry: DataEntry) =
    DataCache
        .GetAsync(entry, DataGetOptions(Folder = folder, Mirror = server.Address, Offline = false))
        .GetAwaiter()
        .GetResult()

let private file folder =
    Path.Combine(folder, "sample", "file.bin")

[<Tests>]
let tests =
    testList
        "data get"
        [
            testCase "downloads, checks, moves into place, and asks no second time"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use server = new Server(body, true, 0)
                    Expect.equal (get server folder entry) (Path.Combine(folder, "sample")) "the folder"
                    Expect.equal (File.ReadAllBytes(file folder)) body "bytes"
                    get server folder entry |> ignore
                    Expect.equal server.Asked.Length 1 "one request"
                    Expect.equal (Directory.GetFiles(Path.Combine(folder, "sample")).Length) 1 "nothing beside it")

            testCase "goes on where a broken connection stopped"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use server = new Server(body, true, 120_000)
                    failsSaying [ "Run the command again" ] (fun () -> get server folder entry |> ignore)
                    Expect.isFalse (File.Exists(file folder)) "not in place yet"
                    let part = FileInfo(file folder + ".part").Length
                    get server folder entry |> ignore
                    Expect.equal server.Asked [ ""; $"bytes={part}-" ] "asked for the rest only"
                    Expect.isGreaterThan part 0L "something had come"
                    Expect.equal (File.ReadAllBytes(file folder)) body "bytes")

            testCase "starts anew with a server that knows no ranges"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use server = new Server(body, false, 120_000)
                    failsSaying [ "Run the command again" ] (fun () -> get server folder entry |> ignore)
                    get server folder entry |> ignore
                    Expect.equal (File.ReadAllBytes(file folder)) body "bytes")

            testCase "a wrong checksum leaves nothing"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use server = new Server(body, true, 0)
                    let wrong = entryOf "file.bin" body (String('0', 64))
                    failsSaying [ "SHA-256 0000"; hashOf body ] (fun () -> get server folder wrong |> ignore)
                    Expect.isEmpty (Directory.GetFiles(Path.Combine(folder, "sample"))) "nothing kept")

            testCase "offline never asks, and says what to do"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    failsSaying [ "RECIPES_OFFLINE"; "cifar-10-binary.tar.gz" ] (fun () ->
                        DataCache
                            .GetAsync("cifar10", DataGetOptions(Folder = folder, Offline = true))
                            .GetAwaiter()
                            .GetResult()
                        |> ignore))

            testCase "an archive is unpacked by plain file names only"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let archive =
                        use memory = new MemoryStream()

                        using (new GZipStream(memory, CompressionLevel.Fastest)) (fun gzip ->
                            use tar = new TarWriter(gzip)

                            for name, text in [ "cifar/test_batch.bin", "inside"; "../../escaped.bin", "outside" ] do
                                let item = PaxTarEntry(TarEntryType.RegularFile, name)
                                item.DataStream <- new MemoryStream(Text.Encoding.ASCII.GetBytes text)
                                tar.WriteEntry item)

                        memory.ToArray()

                    use server = new Server(archive, true, 0)
                    get server folder (entryOf "a.tar.gz" archive (hashOf archive)) |> ignore

                    let names =
                        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                        |> Array.map Path.GetFileName
                        |> Array.sort

                    Expect.equal names [| "a.tar.gz"; "escaped.bin"; "test_batch.bin" |] "all in the folder"
                    Expect.isTrue (File.Exists(Path.Combine(folder, "sample", "escaped.bin"))) "not outside")

            testCase "what nobody published a checksum for is remembered from its first download"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let unknown =
                        DataEntry(
                            "sample",
                            "",
                            "home",
                            "terms",
                            [| DataFile("file.bin", Uri "http://unused.invalid/", Nullable(), null) |]
                        )

                    use server = new Server(body, true, 120_000)
                    failsSaying [ "Run the command again" ] (fun () -> get server folder unknown |> ignore)
                    get server folder unknown |> ignore
                    Expect.equal (File.ReadAllBytes(file folder)) body "bytes, the second part added"
                    Expect.equal (File.ReadAllText(file folder + ".sha256").Trim()) (hashOf body) "its checksum"
                    let asked = server.Asked.Length
                    get server folder unknown |> ignore
                    Expect.equal server.Asked.Length asked "not asked again"
                    File.WriteAllBytes(file folder, body[..1000])
                    get server folder unknown |> ignore
                    Expect.equal (File.ReadAllBytes(file folder)) body "what has changed is got again")

            testCase "terms are shown, and nothing comes before they are accepted"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use server = new Server(body, true, 0)

                    let limited =
                        DataEntry("weights/x", "", "https://home", "research only", entry.Files, MustAccept = true)

                    failsSaying [ "research only"; "https://home"; "--accept-licence" ] (fun () ->
                        get server folder limited |> ignore)

                    Expect.isEmpty server.Asked "no request"

                    let options =
                        DataGetOptions(Folder = folder, Mirror = server.Address, Offline = false, AcceptLicence = true)

                    DataCache.GetAsync(limited, options).GetAwaiter().GetResult() |> ignore
                    Expect.equal server.Asked.Length 1 "accepted")

            testCase "zip archives are unpacked into the folder"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use memory = new MemoryStream()

                    do
                        use zip = new ZipArchive(memory, ZipArchiveMode.Create, true)

                        for name in [ "model/"; "model/config.json"; "../outside.txt" ] do
                            let part = zip.CreateEntry name

                            if not (name.EndsWith "/") then
                                use writer = new StreamWriter(part.Open())
                                writer.Write name

                    let bytes = memory.ToArray()
                    use server = new Server(bytes, true, 0)
                    get server folder (entryOf "a.zip" bytes (hashOf bytes)) |> ignore

                    let found =
                        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                        |> Array.map (fun f -> Path.GetRelativePath(folder, f))
                        |> Array.sort

                    Expect.equal
                        found
                        [| "sample/a.zip"; "sample/config.json"; "sample/outside.txt" |]
                        "no path leaves the folder")

            testCase "the catalogue is complete"
            <| fun () ->
                Expect.equal [ for e in DataCatalog.All -> e.Name ] (List.ofSeq Datasets.Names) "every name"

                for e in DataCatalog.All do
                    for f in e.Files do
                        Expect.equal f.Sha256.Length 64 f.Name
                        Expect.isTrue (f.Url.AbsoluteUri.EndsWith f.Name) "the address ends with the name"

                for e in WeightsCatalog.All do
                    Expect.isTrue
                        (Recipes.Models.Zoo.Names |> Seq.exists (fun n -> "weights/" + n = e.Source.Name))
                        $"{e.Source.Name} is in the zoo"

                    Expect.isTrue
                        (e.Source.MustAccept
                         && e.Source.Licence.Length > 2
                         && e.Source.Home.StartsWith "https://")
                        e.Source.Name

                    Expect.equal e.Source.Files[0].Url.Scheme "https" e.Source.Name
                    Expect.equal (DataCatalog.Find e.Source.Name) e.Source "found by its name"

                failsSaying [ "did you mean weights/mobileclip_s0?" ] (fun () ->
                    DataCatalog.Find "weights/mobileclip_so" |> ignore)

                failsSaying [ "did you mean mnist?" ] (fun () -> DataCatalog.Find "mnis" |> ignore)
        ]
