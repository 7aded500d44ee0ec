using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Running.Kernel;

/// <summary>The process that runs a notebook's cells for <see cref="NotebookRunner"/>: it reads cells from a pipe and sends back what they show.</summary>
public static class KernelHost
{
    /// <summary>Serves the runner that listens on a pipe. Ends the process when the runner says so or is gone.</summary>
    /// <param name="pipe">The pipe's name.</param>
    /// <param name="open">Makes the session.</param>
    public static void Serve(string pipe, Func<ICellSession> open)
    {
        // Ctrl-C on a terminal reaches both processes; only the runner acts on it.
        Console.CancelKeyPress += (_, e) => e.Cancel = true;
        var stream = new NamedPipeClientStream(".", pipe, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        stream.Connect(TimeSpan.FromSeconds(10));
        var marks = new[] { Console.OpenStandardOutput(), Console.OpenStandardError() };
        Serve(
            stream,
            open,
            id =>
            {
                FlushNative();
                foreach (var mark in marks)
                    mark.Write(Encoding.UTF8.GetBytes(RawText.Mark(pipe, id)));
            },
            () =>
            {
                // The runner's process was killed, so its socket is still there. No one waits for the cell that may be running.
                if (Path.IsPathRooted(pipe))
                    File.Delete(pipe);
                Process.GetCurrentProcess().Kill();
            }
        );
        Environment.Exit(0);
    }

    /// <summary>Serves until the connection closes or a shutdown comes.</summary>
    /// <param name="stream">To and from the runner.</param>
    /// <param name="open">Makes the session.</param>
    /// <param name="ended">Called after each cell, before the runner hears of it.</param>
    /// <param name="abandoned">Called when the runner is gone without a shutdown.</param>
    internal static void Serve(Stream stream, Func<ICellSession> open, Action<int> ended, Action abandoned)
    {
        using var queue = new OutputQueue(stream);
        using var requests = new BlockingCollection<JsonObject>();
        using var session = open();
        // After the session's own: what it still holds goes out too when a cell ends the process.
        void Flush(object? sender, EventArgs e) => queue.Flush(TimeSpan.FromSeconds(2));
        AppDomain.CurrentDomain.ProcessExit += Flush;
        new Thread(() => Read(stream, session, requests, abandoned)) { IsBackground = true, Name = "requests" }.Start();
        queue.Send(KernelMessage.Hello());
        foreach (var request in requests.GetConsumingEnumerable())
        {
            var id = (int)request["id"]!;
            var outcome = Run(session, new CellRequest((string)request["code"]!, (string?)request["language"]), new Host(queue, id));
            ended(id);
            queue.Send(KernelMessage.Done(id, outcome));
        }
        AppDomain.CurrentDomain.ProcessExit -= Flush;
    }

    private static CellOutcome Run(ICellSession session, CellRequest request, Host host)
    {
        try
        {
            return session.Run(request, host);
        }
        // Whatever escapes the session is this cell's failure; the next cell may run.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var error = new CellOutput.Error(e.GetType().Name, e.Message, e.ToString().Split('\n'));
            host.Emit(error);
            return new CellOutcome(CellStatus.Error, session.ExecutionCount, error);
        }
    }

    private static void Read(Stream stream, ICellSession session, BlockingCollection<JsonObject> requests, Action abandoned)
    {
        try
        {
            using var reader = new StreamReader(stream, leaveOpen: true);
            while (reader.ReadLine() is { } line)
            {
                var message = JsonNode.Parse(line)!.AsObject();
                switch ((string?)message["kind"])
                {
                    case "execute":
                        requests.Add(message);
                        break;
                    case "interrupt":
                        // Stopping may take a while, and a second message must be heard meanwhile.
                        new Thread(session.Interrupt) { IsBackground = true, Name = "interrupt" }.Start();
                        break;
                    case "shutdown":
                        requests.CompleteAdding();
                        return;
                }
            }
        }
        catch (IOException)
        {
            // As good as the end of the stream.
        }
        abandoned();
        requests.CompleteAdding();
    }

    // Native code prints through C's buffers, which would otherwise show under a later cell.
    private static void FlushNative()
    {
        if (!OperatingSystem.IsWindows())
            _ = FlushAll(0);
    }

    [DllImport("libc", EntryPoint = "fflush")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FlushAll(nint stream);

    private sealed class Host(OutputQueue queue, int id) : ICellHost
    {
        public void Emit(CellOutput output) => queue.Emit(id, output);

        public string ReadLine(string prompt, bool password) =>
            throw new NotSupportedException("this notebook runs without a user: no one can answer a request for input");
    }
}
