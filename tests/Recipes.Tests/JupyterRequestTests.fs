/// Requests and bad messages, from a client of our own.
module Recipes.Tests.JupyterRequestTests

open System
open System.Diagnostics
open System.IO
open System.Text
open System.Text.Json.Nodes
open System.Threading
open Expecto
open NetMQ
open Recipes
open Recipes.Notebook.Cells
open Recipes.Notebook.Jupyter
open Recipes.Tests.JupyterDoubles
open Recipes.Tests.JupyterCellDoubles
open Recipes.Tests.Support

let private kernel test = withKernel 0 "secret" test

let private until (condition: unit -> bool) what =
    let clock = Stopwatch.StartNew()

    while not (condition ()) do
        if clock.Elapsed.TotalSeconds > 20.0 then
            failtest $"waited 20 s for {what}"

        Thread.Sleep 5

let private questions =
    testList
        "questions"
        [
            testCase "kernel_info describes both languages, before the session is there"
            <| fun () ->
                for name, title, mime, extension in
                    [
                        "csharp", "C#", "text/x-csharp", ".cs"
                        "fsharp", "F#", "text/x-fsharp", ".fs"
                    ] do
                    inTemporaryFolder (fun folder ->
                        let text = connectionText "k"
                        let path = Path.Combine(folder, "c.json")
                        File.WriteAllText(path, text)
                        use gate = new ManualResetEventSlim()

                        let late () =
                            gate.Wait()
                            raise (InvalidOperationException "no session today")

                        let options = KernelOptions(Language = name, Log = ignore)
                        use kernel = new JupyterKernel(ConnectionFile.Read path, late, options)
                        use client = new Client(text)
                        let id = client.Send(client.Shell, "kernel_info_request", "{}")
                        let info = client.Next(client.Shell, "info")
                        Expect.equal info.Parent id "parent"
                        let language = info.Content["language_info"]
                        let field (name: string) = language[name].GetValue<string>()

                        Expect.equal
                            (field "name", field "mimetype", field "file_extension", field "pygments_lexer")
                            (title, mime, extension, name)
                            "language"

                        Expect.stringStarts (info.Text "protocol_version") "5." "protocol"
                        Expect.isFalse (info.Get<bool>("debugger")) "no debugger"
                        client.Send(client.Shell, "execute_request", """{"code":"echo"}""") |> ignore
                        gate.Set()
                        let reply = client.Next(client.Shell, "reply")
                        Expect.equal (error reply |> snd) "no session today" "the session's error is the cell's")

            testCase "completion and inspection count in code points"
            <| fun () ->
                kernel (fun _ client _ ->
                    let code = "\"👋🏽é\" ab + 1"
                    let at = 7 // quote, hand, skin, é, quote, space, a, … in code points: 👋 🏽 are one each

                    let ask kind cursor =
                        client.Ask(
                            kind,
                            $"""{{"code":{JsonValue.Create(code).ToJsonString()},"cursor_pos":{cursor}}}"""
                        )
                        |> fst

                    let reply = ask "complete_request" (at + 1)
                    let number (name: string) = reply.Content[name].GetValue<int>()
                    Expect.equal (number "cursor_start", number "cursor_end") (6, 8) "cursor"
                    Expect.equal (reply.Content["matches"].ToJsonString()) """["abs","abort"]""" "matches"

                    let types = reply.Content["metadata"]["_jupyter_types_experimental"]
                    let first = types[0]

                    Expect.equal
                        (first.ToJsonString())
                        """{"text":"abs","type":"function","start":6,"end":8}"""
                        "types"

                    let found = ask "inspect_request" 9
                    Expect.equal (found.Get<string>("data", "text/plain")) "+" "inspected"
                    Expect.isTrue (found.Get<bool>("found")) "found"
                    Expect.isFalse ((ask "inspect_request" 99).Content["found"].GetValue<bool>()) "past the end")

            testCase "code points and UTF-16 are each other's inverse"
            <| fun () ->
                let text = "a👋b\ud83d é👨‍👩‍👧"

                for index in 0 .. text.Length do
                    let point = CodePoints.FromIndex(text, index)
                    let back = CodePoints.ToIndex(text, point)

                    let inside =
                        index > 0 && index < text.Length && Char.IsSurrogatePair(text, index - 1)

                    Expect.equal back (if inside then index + 1 else index) $"index {index}"

                Expect.equal (CodePoints.ToIndex("ab", 99)) 2 "past the end"
                Expect.equal (CodePoints.ToIndex("ab", -1)) 0 "before the start"

            testCase "is_complete, history, comms and connection"
            <| fun () ->
                kernel (fun _ client _ ->
                    for code, status in [ "1", "complete"; "f {", "incomplete"; "}", "invalid" ] do
                        let reply, _ = client.Ask("is_complete_request", $"""{{"code":"{code}"}}""")
                        Expect.equal (reply.Text "status") status code

                    for code in [ "echo 1"; "print x"; "echo 2"; "echo 1" ] do
                        client.Run code |> ignore

                    let history request expected =
                        let reply, _ = client.Ask("history_request", request)
                        Expect.equal (reply.Content["history"].ToJsonString()) expected request

                    history
                        """{"hist_access_type":"tail","n":2,"output":true}"""
                        """[[1,3,["echo 2","2"]],[1,4,["echo 1","1"]]]"""

                    history
                        """{"hist_access_type":"range","session":0,"start":1,"stop":3}"""
                        """[[1,1,"echo 1"],[1,2,"print x"]]"""

                    history
                        """{"hist_access_type":"search","pattern":"echo*","unique":true,"n":9}"""
                        """[[1,3,"echo 2"],[1,4,"echo 1"]]"""

                    let reply, _ = client.Ask("history_request", """{"hist_access_type":"nonsense"}""")
                    Expect.stringContains (error reply |> snd) "tail, range or search" "unknown access"
                    let reply, _ = client.Ask("comm_info_request", "{}")
                    Expect.equal (reply.Content["comms"].AsObject().Count) 0 "no comms"
                    let reply, _ = client.Ask("connect_request", "{}")
                    Expect.isGreaterThan (reply.Get<int>("shell_port")) 0 "port"

                    let id =
                        client.Send(client.Shell, "comm_open", """{"comm_id":"c1","target_name":"widget","data":{}}""")

                    let closed = client.Outputs id |> List.find (fun m -> m.Type = "comm_close")
                    Expect.equal (closed.Text "comm_id") "c1" "an unknown target is closed")
        ]

let private hostile =
    testList
        "bad messages"
        [
            testCase
                "wrong and missing signatures, replays, malformed JSON and missing frames are dropped with a line each"
            <| fun () ->
                kernel (fun _ client log ->
                    let frames () =
                        client.Frames("execute_request", """{"code":"echo 1"}""") |> fst

                    let raw signature frames =
                        client.SendRaw(client.Shell, signature, frames)

                    let bad = frames ()
                    raw (Array.create 64 (byte 'a')) bad
                    raw [||] bad
                    raw (client.Sign(frames ())) bad

                    for broken in
                        [
                            [ "{"; "{}"; "{}"; "{}" ]
                            [ """{"msg_type":"x"}"""; "{}"; "{}"; "[1]" ]
                            [ """{"msg_type":7}"""; "{}"; "{}"; "{}" ]
                            [ """{"msg_type":"x"}"""; "nonsense"; "{}"; "{}" ]
                            [ """{"msg_type":"x"}"""; "{}"; "{}"; String('[', 5000) ]
                            [ """{"msg_type":"x"}"""; "{}"; "{}" ]
                            []
                        ] do
                        let frames = broken |> List.map Encoding.UTF8.GetBytes
                        raw (client.Sign frames) frames

                    let broken = [ [| 0xffuy; 0xfeuy |]; "{}"B; "{}"B; "{}"B ]
                    raw (client.Sign broken) broken
                    client.Shell.SendFrame "no delimiter at all"
                    let good = frames ()
                    raw (client.Sign good) good
                    raw (client.Sign good) good
                    let lines () = lock log (fun () -> List.ofSeq log)
                    until (fun () -> (lines ()).Length >= 13) "13 lines"
                    Expect.equal ((client.Next(client.Shell, "reply")).Text "status") "ok" "the good one ran"
                    let text = String.Join("\n", lines ())

                    for part in
                        [
                            "its signature is wrong"
                            "it is not signed"
                            "it is a duplicate"
                            "its header is malformed JSON"
                            "its content is no JSON object but an array"
                            "its parent header is malformed JSON"
                            "no msg_type"
                            "five frames"
                        ] do
                        Expect.stringContains text part "a reason"

                    let reply, outputs = client.Run "echo 2"
                    Expect.equal (outputs[2].Get<int>("execution_count")) 2 "one ran, and this one")

            testCase "fields of the wrong type are error replies; unknown requests are told"
            <| fun () ->
                kernel (fun _ client log ->
                    for kind, content, expected in
                        [
                            "execute_request", """{"code":5}""", "execute_request.code: expected a string, found 5"
                            "execute_request", "{}", "execute_request.code: missing"
                            "execute_request", """{"code":"","silent":"yes"}""", "silent: expected true or false"
                            "execute_request",
                            """{"code":"","user_expressions":[1]}""",
                            "expected an object of strings, found an array"
                            "complete_request",
                            """{"code":"","cursor_pos":1.5}""",
                            "expected a whole number, found 1.5"
                            "execute_request", """{"code":"\ud800"}""", ""
                        ] do
                        let reply, _ = client.Ask(kind, content)
                        Expect.stringContains (error reply |> snd) expected content

                    let id = client.Send(client.Shell, "make_coffee", "{}")
                    Expect.equal (types (client.Outputs id)) [ "status"; "status" ] "busy, idle"
                    client.Send(client.Stdin, "input_reply", """{"value":7}""") |> ignore
                    client.Send(client.Stdin, "input_reply", """{"value":"late"}""") |> ignore
                    let id = client.Send(client.Control, "debug_request", "{}")
                    Expect.equal (types (client.Outputs id)) [ "status"; "status" ] "busy, idle"
                    Expect.exists log _.Contains("make_coffee") "told"
                    Expect.exists log _.Contains("debug_request") "told"
                    let reply, _ = client.Run "echo 1"
                    Expect.equal (reply.Text "status") "ok" "goes on")

            testCase "an empty key means no signatures"
            <| fun () ->
                withKernel 0 "" (fun _ client _ ->
                    let reply, _ = client.Run "echo 1"
                    Expect.equal (reply.Text "status") "ok" "unsigned")

            testCase "strangers that speak no ZeroMQ do no harm"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let text = connectionText "k"
                    let path = Path.Combine(folder, "c.json")
                    File.WriteAllText(path, text)
                    let file = ConnectionFile.Read path
                    let options = KernelOptions(Log = ignore)

                    use _ =
                        new JupyterKernel(file, (fun () -> new ScriptedSession() :> ICellSession), options)

                    for port in [ file.Shell; file.Control; file.Iopub; file.Stdin; file.Heartbeat ] do
                        for greeting in [ "GET / HTTP/1.1\r\nHost: x\r\n\r\n"B; Array.create 70000 0xffuy; [||] ] do
                            use socket = new Net.Sockets.TcpClient("127.0.0.1", port)
                            socket.GetStream().Write greeting

                    Thread.Sleep 100
                    use client = new Client(text)
                    client.Send(client.Shell, "kernel_info_request", "{}") |> ignore
                    Expect.equal (client.Next(client.Shell, "info")).Type "kernel_info_reply" "it still answers")
        ]

[<Tests>]
let tests = testSequenced (testList "jupyter requests" [ questions; hostile ])
