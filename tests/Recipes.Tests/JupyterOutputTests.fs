/// Outputs under load, and where a kernel listens.
module Recipes.Tests.JupyterOutputTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json.Nodes
open Expecto
open Recipes.Notebook.Cells
open Recipes.Notebook.Jupyter
open Recipes.Notebook.Jupyter.Wire
open Recipes.Tests.JupyterCellDoubles
open Recipes.Tests.JupyterDoubles
open Recipes.Tests.Support

let private streams name (messages: Received list) =
    messages
    |> List.filter (fun m -> m.Type = "stream" && m.Text "name" = name)
    |> List.map (fun m -> m.Text "text")

let private connection (text: string) (change: JsonObject -> unit) (test: string -> unit) =
    inTemporaryFolder (fun folder ->
        let json = JsonNode.Parse(text).AsObject()
        change json
        let path = Path.Combine(folder, "kernel.json")
        File.WriteAllText(path, json.ToJsonString())
        test path)

[<Tests>]
let tests =
    testSequenced
    <| testList
        "jupyter outputs"
        [
            testCase "a million lines arrive whole, in few messages"
            <| fun () ->
                withKernel 0 "k" (fun _ client _ ->
                    let clock = Stopwatch.StartNew()
                    let reply, outputs = client.Run "lines 1000000"
                    Expect.equal (reply.Text "status") "ok" "status"
                    let texts = streams "stdout" outputs
                    let lines = String.Concat(texts).Split('\n')
                    Expect.equal lines.Length 1_000_001 "lines"
                    Expect.equal lines[999_999] "line 1000000" "the last"
                    Expect.isLessThan texts.Length 2000 "messages"
                    printfn $"1e6 lines: {texts.Length} messages, {clock.Elapsed.TotalSeconds:F1} s")

            testCase "streams keep below the rate, and the cell waits for them"
            <| fun () ->
                withKernel 400_000 "k" (fun _ client _ ->
                    let clock = Stopwatch.StartNew()
                    let _, outputs = client.Run "lines 100000"
                    let bytes = String.Concat(streams "stdout" outputs).Length
                    let seconds = clock.Elapsed.TotalSeconds
                    let most = 500_000.0 + 400_000.0 * seconds + 100_000.0
                    Expect.isLessThan (float bytes) most $"bytes in {seconds:F1} s"
                    Expect.isLessThan seconds 4.0 "but not slower than that")

            testCase "turns between output and error stay in order while they are few"
            <| fun () ->
                withKernel 0 "k" (fun _ client _ ->
                    let all (outputs: Received list) =
                        outputs
                        |> List.filter (fun m -> m.Type = "stream")
                        |> List.map (fun m -> m.Text "text")

                    let _, few = client.Run "both 3"
                    Expect.equal (String.Concat(all few)) "o1\ne1\no2\ne2\no3\ne3\n" "order"
                    let _, many = client.Run "both 20000"
                    Expect.isLessThan (all many).Length 300 "messages"

                    for name, letter in [ "stdout", "o"; "stderr", "e" ] do
                        let text = String.Concat(streams name many)
                        Expect.equal text (String.Concat(seq { for i in 1..20000 -> $"{letter}{i}\n" })) name)

            testCase "the queue joins halves of an emoji, splits nothing else, and drops text only"
            <| fun () ->
                let queue = OutboxQueue()
                let parent = [| 1uy |]
                let halves = "a👋".ToCharArray()
                queue.Print(parent, "stdout", String(halves, 0, 2))
                queue.Print(parent, "stdout", String(halves, 2, 1))
                Expect.equal (queue.Take().Text.ToString()) "a👋" "joined"
                queue.Print(parent, "stdout", String('x', OutboxQueue.Piece - 1) + "👋" + String('y', 40_000))
                let pieces = [ for _ in 1 .. queue.Count -> queue.Take().Text.ToString() ]
                Expect.equal (pieces |> List.map _.Length) [ OutboxQueue.Piece + 1; OutboxQueue.Piece; 7232 ] "pieces"
                Expect.isFalse (pieces |> List.exists (fun p -> Char.IsLowSurrogate p[0])) "no pair is split"

                for _ in 1..4 do
                    queue.Print(parent, "stdout", String('x', 100))
                    queue.Add(OutboxEntry(parent, Frames = [| [| 1uy |] |]))

                Expect.equal (queue.DropText 250) 200L "characters dropped"
                Expect.equal (queue.Count, queue.Size) (6, 204L) "the rest is kept"

            testCase "a connection file is checked whole"
            <| fun () ->
                connection
                    (connectionText "k")
                    (fun json ->
                        json["shell_port"] <- 0
                        json["iopub_port"] <- "5"
                        json["hb_port"] <- json["stdin_port"].DeepClone()
                        json["transport"] <- "ipc"
                        json["ip"] <- "0.0.0.0"
                        json["signature_scheme"] <- "hmac-md5"
                        json.Remove "control_port" |> ignore)
                    (fun path ->
                        failsSaying
                            [
                                path
                                "shell_port: expected a port from 1 to 65535, found 0"
                                "iopub_port"
                                "control_port: missing"
                                "each socket needs its own"
                                "transport ipc: only tcp"
                                "other machines could reach it"
                                "hmac-md5"
                            ]
                            (fun () -> ConnectionFile.Read path |> ignore))

                connection (connectionText "k") (fun json -> json["ip"] <- "0.0.0.0") (fun path ->
                    Expect.equal (string (ConnectionFile.Read(path, anyAddress = true).Address)) "0.0.0.0" "asked for")

                inTemporaryFolder (fun folder ->
                    for text in [ "{"; "[]"; "7"; "" ] do
                        let path = Path.Combine(folder, "c.json")
                        File.WriteAllText(path, text)
                        failsSaying [ path; "not a connection file" ] (fun () -> ConnectionFile.Read path |> ignore)

                    failsSaying [ "none.json" ] (fun () ->
                        ConnectionFile.Read(Path.Combine(folder, "none.json")) |> ignore))

            testCase "a second kernel on the same file fails, the first goes on"
            <| fun () ->
                connection (connectionText "k") ignore (fun path ->
                    let session () = new ScriptedSession() :> ICellSession
                    let options = KernelOptions(Log = ignore)
                    use first = new JupyterKernel(ConnectionFile.Read path, session, options)

                    failsSaying [ "(Shell)"; "another process listens there"; "connection file" ] (fun () ->
                        (new JupyterKernel(ConnectionFile.Read path, session, options)).Dispose())

                    use client = new Client(File.ReadAllText path)
                    client.Send(client.Shell, "kernel_info_request", "{}") |> ignore
                    Expect.equal (client.Next(client.Shell, "info")).Type "kernel_info_reply" "the first")
        ]
