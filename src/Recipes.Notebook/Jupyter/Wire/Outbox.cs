using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>
/// What goes out on iopub, in order, by one thread. Stream text is gathered for 50 ms or 32 kB, updates of one display within
/// that time become one, and the rate stays below what a notebook server passes on (beyond it, it drops messages). Whoever
/// shows more than that waits, so that memory stays bounded; an interrupt ends the wait and drops the text that has piled up.
/// </summary>
internal sealed class Outbox : IDisposable
{
    private const int MostWaiting = 4_000_000;
    private const int Burst = 500_000;
    private const int MessageBurst = 300;
    private const int MessageRate = 800;
    private static readonly TimeSpan _gathering = TimeSpan.FromMilliseconds(50);

    private readonly MessageCodec _codec;
    private readonly Action<IReadOnlyList<byte[]>> _send;
    private readonly TokenBucket _messages;
    private readonly TokenBucket _bytes;
    private readonly object _gate = new();
    private readonly OutboxQueue _queue = new();
    private readonly Thread _pump;
    private long? _oldest;
    private int _due;
    private int _flushing;
    private bool _urgent;
    private bool _sending;
    private bool _interrupted;
    private bool _closed;

    /// <summary>An empty outbox.</summary>
    /// <param name="codec">Makes frames.</param>
    /// <param name="send">Takes the frames of a message.</param>
    /// <param name="streamRate">Bytes of streams a second; 0: no limit on anything.</param>
    public Outbox(MessageCodec codec, Action<IReadOnlyList<byte[]>> send, int streamRate)
    {
        (_codec, _send) = (codec, send);
        _messages = new TokenBucket(MessageBurst, streamRate == 0 ? 0 : MessageRate);
        _bytes = new TokenBucket(Burst, streamRate);
        _pump = new Thread(Pump) { IsBackground = true, Name = "Jupyter outputs" };
        _pump.Start();
    }

    /// <summary>Text on a stream.</summary>
    public void Print(byte[] parent, string name, string text)
    {
        lock (_gate)
        {
            if (!AwaitRoom())
                return;
            _queue.Print(parent, name, text);
            Added(urgent: _queue.Size >= OutboxQueue.Piece);
        }
    }

    /// <summary>Any other output of a cell.</summary>
    /// <param name="parent">The request's header.</param>
    /// <param name="type">The <c>msg_type</c>.</param>
    /// <param name="content">The message's content.</param>
    /// <param name="updates">The display that it updates, else null.</param>
    public void Show(byte[] parent, string type, JsonObject content, string? updates = null)
    {
        var entry = new OutboxEntry(parent, Updates: updates) { Frames = Encode(type, parent, content) };
        lock (_gate)
        {
            AwaitRoom();
            _queue.Add(entry);
            Added(urgent: updates is null);
        }
    }

    /// <summary>A message of the kernel's own, such as its status; never waits.</summary>
    public void Post(byte[]? parent, string type, JsonObject content)
    {
        var entry = new OutboxEntry(parent) { Frames = Encode(type, parent, content) };
        lock (_gate)
        {
            _queue.Add(entry);
            Added(urgent: true);
        }
    }

    /// <summary>Waits until all is sent.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            _flushing++;
            Monitor.PulseAll(_gate);
            while ((_queue.Count > 0 || _sending) && !_closed)
                Monitor.Wait(_gate);
            _flushing--;
        }
    }

    /// <summary>A cell begins: showing more than can be sent waits again.</summary>
    public void Begin()
    {
        lock (_gate)
            _interrupted = false;
    }

    /// <summary>Ends all waiting for room and drops the text that has piled up, until the next cell begins.</summary>
    public void Interrupt(byte[] parent)
    {
        lock (_gate)
        {
            _interrupted = true;
            if (_queue.DropText(OutboxQueue.Piece) is > 0 and var dropped)
                _queue.Print(
                    parent,
                    "stderr",
                    $"\n[{dropped:N0} characters of output that waited to be sent were dropped by the interrupt]\n"
                );
            Added(urgent: true);
        }
    }

    /// <summary>Sends what is left without any limit and ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
        _pump.Join(TimeSpan.FromSeconds(1));
    }

    private IReadOnlyList<byte[]> Encode(string type, byte[]? parent, JsonObject content) =>
        _codec.Encode([System.Text.Encoding.ASCII.GetBytes(type)], type, parent, content);

    // Whether there is room; not so when an interrupt has ended the wait.
    private bool AwaitRoom()
    {
        while (_queue.Size > MostWaiting && !_interrupted && !_closed)
            Monitor.Wait(_gate);
        return _queue.Size <= MostWaiting && !_closed;
    }

    private void Added(bool urgent)
    {
        _oldest ??= Stopwatch.GetTimestamp();
        if (_queue.Count == 1 || (urgent && !_urgent))
            Monitor.PulseAll(_gate);
        _urgent |= urgent;
    }

    private void Pump()
    {
        while (Next() is { } entry)
        {
            var frames = entry.Stream is null
                ? entry.Frames
                : Encode("stream", entry.Parent, new JsonObject { ["name"] = entry.Stream, ["text"] = entry.Text.ToString() });
            _messages.Spend(1);
            if (entry.Stream is not null)
                _bytes.Spend(frames.Sum(f => f.Length));
            _send(frames);
        }
    }

    private OutboxEntry? Next()
    {
        lock (_gate)
        {
            _sending = false;
            Monitor.PulseAll(_gate);
            while (true)
            {
                var delay = Delay();
                if (delay is null)
                    return null;
                if (delay == TimeSpan.Zero)
                    break;
                Monitor.Wait(_gate, delay.Value);
            }
            _due--;
            _sending = true;
            return _queue.Take();
        }
    }

    // Until the next message may go: for ever when there is none, null when there never will be.
    private TimeSpan? Delay()
    {
        if (_queue.Count == 0)
        {
            _due = 0;
            return _closed ? null : Timeout.InfiniteTimeSpan;
        }
        if (_closed)
            return TimeSpan.Zero;
        if (_due <= 0)
        {
            var gathered = Stopwatch.GetElapsedTime(_oldest ?? 0);
            if (!_urgent && _flushing == 0 && gathered < _gathering)
                return _gathering - gathered + TimeSpan.FromMilliseconds(1);
            (_due, _urgent, _oldest) = (_queue.Count, false, null);
        }
        var (messages, bytes) = (_messages.Delay(), _bytes.Delay());
        return messages > bytes ? messages : bytes;
    }
}
