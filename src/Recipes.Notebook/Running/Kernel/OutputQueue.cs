using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Running.Kernel;

// Outputs on their way from the cells to the runner. A thread of its own writes, so that aborting a cell's thread never
// leaves half a line. Printed text is joined: at most a message each 50 ms, unless 32 kB are there sooner. A cell that
// prints faster than the runner reads waits, so memory stays bounded.
internal sealed class OutputQueue : IDisposable
{
    private const int Batch = 32 << 10;
    private const int Pending = 4 << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly Stream _stream;
    private readonly Thread _thread;
    private List<Item> _items = [];
    private int _size;
    private bool _urgent;
    private bool _writing;
    private bool _closed;
    private long _written;

    public OutputQueue(Stream stream)
    {
        _stream = stream;
        _thread = new Thread(Write) { IsBackground = true, Name = "outputs" };
        _thread.Start();
    }

    public void Emit(int id, CellOutput output)
    {
        lock (_gate)
        {
            while (_size > Pending && !_closed)
                Monitor.Wait(_gate);
            if (_closed)
                return;
            var quiet = _items.Count == 0 && !_writing && Stopwatch.GetElapsedTime(_written) > Interval;
            Add(id, output);
            // What comes after a pause is written before the cell goes on, in case that it ends the process.
            if (quiet)
                Drain(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Sends a message after all outputs so far.</summary>
    public void Send(JsonObject message)
    {
        lock (_gate)
        {
            _items.Add(new Item(0, null, null, null, message));
            _urgent = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until everything is written, or for so long.</summary>
    public void Flush(TimeSpan atMost)
    {
        lock (_gate)
            Drain(atMost);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
    }

    private void Add(int id, CellOutput output)
    {
        if (output is CellOutput.Printed printed)
        {
            if (_items is [.., { Text: { } text } last] && last.Id == id && last.Name == printed.Name)
                text.Append(printed.Text);
            else
                _items.Add(new Item(id, printed.Name, new StringBuilder(printed.Text), null, null));
            _size += printed.Text.Length;
        }
        else
        {
            _items.Add(new Item(id, null, null, output, null));
            _size += Batch;
        }
        if (_items.Count == 1 || _size >= Batch)
            Monitor.PulseAll(_gate);
    }

    private void Drain(TimeSpan atMost)
    {
        _urgent = true;
        Monitor.PulseAll(_gate);
        var started = Stopwatch.GetTimestamp();
        while ((_items.Count > 0 || _writing) && !_closed && atMost - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } rest)
            Monitor.Wait(_gate, rest);
    }

    private void Write()
    {
        while (Next() is { } items)
        {
            try
            {
                foreach (var item in items)
                foreach (var line in item.Lines())
                    _stream.Write(line.Span);
                _stream.Flush();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The runner is gone; the reader of its messages ends the process.
                lock (_gate)
                    _closed = true;
            }
            lock (_gate)
            {
                _writing = false;
                _written = Stopwatch.GetTimestamp();
                Monitor.PulseAll(_gate);
            }
        }
    }

    private List<Item>? Next()
    {
        lock (_gate)
        {
            while (_items.Count == 0 && !_closed)
                Monitor.Wait(_gate);
            while (!_urgent && _size < Batch && !_closed && Interval - Stopwatch.GetElapsedTime(_written) is { Ticks: > 0 } rest)
                Monitor.Wait(_gate, rest);
            if (_items.Count == 0)
                return null;
            var items = _items;
            (_items, _size, _urgent, _writing) = ([], 0, false, true);
            Monitor.PulseAll(_gate);
            return items;
        }
    }

    private sealed record Item(int Id, string? Name, StringBuilder? Text, CellOutput? Output, JsonObject? Message)
    {
        public IEnumerable<ReadOnlyMemory<byte>> Lines()
        {
            if (Message is not null)
                yield return KernelMessage.Line(Message);
            else if (Output is not null)
                yield return KernelMessage.Output(Id, Output);
            else
                // A text of any length, in pieces that do not part a surrogate pair.
                for (int start = 0, length; start < Text!.Length; start += length)
                {
                    length = Math.Min(1 << 20, Text.Length - start);
                    if (start + length < Text.Length && char.IsHighSurrogate(Text[start + length - 1]))
                        length--;
                    yield return KernelMessage.Output(Id, new CellOutput.Printed(Name!, Text.ToString(start, length)));
                }
        }
    }
}
