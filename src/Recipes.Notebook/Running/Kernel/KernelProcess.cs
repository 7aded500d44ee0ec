using System.Diagnostics;
using System.IO.Pipes;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Recipes.Notebook.Running.Kernel;

// The process that runs the cells, as the runner sees it: messages go in, events come out through a bounded queue, so that
// a cell that prints faster than the runner works is slowed. Whatever the process does, Ended comes within seconds of its end.
internal sealed class KernelProcess : IAsyncDisposable
{
    private readonly Channel<KernelEvent> _events = Channel.CreateBounded<KernelEvent>(64);
    private readonly SemaphoreSlim _sending = new(1);
    private readonly KernelLaunch _launch;
    private readonly NamedPipeServerStream _pipe;
    private readonly Process _process;
    private readonly StderrTail _tail = new();
    private readonly string _token;
    private readonly CancellationTokenSource _connecting;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _watch;
    private string? _broken;
    private long _taken;

    private KernelProcess(KernelLaunch launch, Process process, NamedPipeServerStream pipe, string token)
    {
        (_launch, _process, _pipe, _token) = (launch, process, pipe, token);
        _connecting = new CancellationTokenSource(launch.Start);
        _watch = WatchEnd(
            ReadMessages(),
            Task.WhenAll(ReadRaw("stdout", process.StandardOutput), ReadRaw("stderr", process.StandardError))
        );
    }

    public ChannelReader<KernelEvent> Events => _events.Reader;

    public TimeSpan Grace => _launch.Grace;

    /// <summary>The last lines that the process wrote on standard error.</summary>
    public IReadOnlyList<string> LastWords => _tail.Lines();

    /// <summary>Whether the process can run another cell.</summary>
    public bool Alive => !_process.HasExited && _broken is null;

    /// <summary>Starts it; fails when there is no such program.</summary>
    public static KernelProcess Start(KernelLaunch launch)
    {
        // Where pipes are sockets, the name may be the socket's path, which the kernel process then knows too.
        var name = $"recipes-{Guid.NewGuid():N}";
        var token = OperatingSystem.IsWindows() ? name : Path.Combine(Path.GetTempPath(), name);
        var pipe = new NamedPipeServerStream(
            token,
            PipeDirection.InOut,
            1,
            PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly
        );
        try
        {
            var info = new ProcessStartInfo(launch.FileName, [.. launch.Arguments, token])
            {
                WorkingDirectory = launch.WorkingDirectory,
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            var process = Process.Start(info)!;
            process.StandardInput.Close();
            return new KernelProcess(launch, process, pipe, token);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            pipe.Dispose();
            throw new RecipesException($"the kernel process does not start: {launch.FileName}: {e.Message}", e);
        }
    }

    // Not awaited by callers that must not wait for a process that has stopped reading. What is sent before the process has
    // connected waits for that; what is sent after its end is lost.
    public async Task Send(JsonObject message)
    {
        await _connected.Task;
        await _sending.WaitAsync();
        try
        {
            await _pipe.WriteAsync(KernelMessage.Line(message));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            // Its end is reported by the watcher.
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Ends the process and all that it started.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or AggregateException or System.ComponentModel.Win32Exception)
        {
            // It has ended already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Alive)
        {
            _ = Send(KernelMessage.Shutdown());
            using var patience = new CancellationTokenSource(_launch.Grace);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                // A cell left a thread that does not end, or native code runs on.
            }
        }
        Kill();
        _events.Writer.TryComplete();
        await Task.WhenAny(_watch, Task.Delay(_launch.Grace));
        await _pipe.DisposeAsync();
        _process.Dispose();
        _connecting.Dispose();
    }

    private async Task ReadMessages()
    {
        try
        {
            await _pipe.WaitForConnectionAsync(_connecting.Token);
            _connected.TrySetResult();
            using var reader = new StreamReader(_pipe, leaveOpen: true);
            for (var line = await reader.ReadLineAsync(_connecting.Token); line is not null; line = await reader.ReadLineAsync())
                await Take(line);
            // The end of its messages; a process that lives on after that is of no use.
            await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(_launch.Grace));
            if (!_process.HasExited)
                _broken = "closed its connection but ran on";
        }
        catch (OperationCanceledException) when (_process.HasExited)
        {
            // Its exit code says more.
        }
        catch (OperationCanceledException)
        {
            _broken = $"did not answer within {_launch.Start.TotalSeconds:0.#} s";
        }
        catch (Exception e)
            when (e is IOException or JsonException or FormatException or InvalidOperationException or NullReferenceException)
        {
            _broken = $"broke the protocol ({e.Message})";
        }
        catch (ChannelClosedException)
        {
            return;
        }
        if (_broken is not null)
            Kill();
    }

    private ValueTask Take(string line)
    {
        var message = JsonNode.Parse(line)!.AsObject();
        _taken++;
        return _events.Writer.WriteAsync(
            (string?)message["kind"] switch
            {
                "hello" => new KernelEvent.Hello(),
                "output" => new KernelEvent.Output((int)message["id"]!, OutputWire.Read(message["output"]!.AsObject())),
                "done" => new KernelEvent.Done((int)message["id"]!, KernelMessage.Outcome(message)),
                var other => throw new FormatException($"message '{other}' is not known"),
            }
        );
    }

    private async Task ReadRaw(string name, StreamReader stream)
    {
        var raw = new RawText(_token);
        var noise = new NativeNoise();
        var buffer = new byte[32 << 10];
        try
        {
            while (await stream.BaseStream.ReadAsync(buffer) is > 0 and var read)
            {
                foreach (var (text, mark) in raw.Take(buffer.AsSpan(0, read)))
                {
                    await Raw(name, text is null ? noise.Rest() : noise.Filter(text));
                    if (mark is { } id)
                        await _events.Writer.WriteAsync(new KernelEvent.RawEnd(name, id));
                }
            }
            await Raw(name, noise.Filter(raw.Rest()) + noise.Rest());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or ChannelClosedException)
        {
            // No one listens any more.
        }
    }

    private async Task Raw(string name, string text)
    {
        if (text.Length == 0)
            return;
        if (name == "stderr")
            _tail.Add(text);
        await _events.Writer.WriteAsync(new KernelEvent.Raw(name, text));
    }

    // Until its messages end, or nothing comes any more: another process may hold the other end of the pipe.
    private async Task Drained(Task messages)
    {
        while (!messages.IsCompleted)
        {
            var before = _taken;
            await Task.WhenAny(messages, Task.Delay(_launch.Grace));
            if (before == _taken && _events.Reader.Count == 0)
                return;
        }
    }

    // What the process wrote before its end comes first; but a process of its own that it left behind may hold the streams open.
    private async Task WatchEnd(Task messages, Task raw)
    {
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;
        await _connecting.CancelAsync();
        await Drained(messages);
        await Task.WhenAny(raw, Task.Delay(TimeSpan.FromSeconds(1)));
        try
        {
            await _events.Writer.WriteAsync(new KernelEvent.Ended(_broken ?? KernelExit.Describe(code)));
            _events.Writer.TryComplete();
        }
        catch (ChannelClosedException)
        {
            // Disposed meanwhile.
        }
    }
}
