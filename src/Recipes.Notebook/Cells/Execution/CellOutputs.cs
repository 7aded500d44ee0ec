using System.Diagnostics;
using System.Text;

namespace Recipes.Notebook.Cells.Execution;

/// <summary>
/// A cell's outputs in order. Printed text is gathered for a moment, so that a loop that prints a million lines sends hundreds
/// of messages and not a million; what comes after a pause is sent at once, for the cell may end the process next. Everything
/// else first sends the text before it.
/// </summary>
internal sealed class CellOutputs(ICellHost host)
{
    private const int FullAt = 32 << 10;
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private string _name = "stdout";
    private Timer? _timer;
    private bool _waiting;
    private long _sent;

    /// <summary>Sends an output after all text so far.</summary>
    public void Emit(CellOutput output)
    {
        lock (_gate)
        {
            FlushLocked();
            host.Emit(output);
        }
    }

    /// <summary>Prints.</summary>
    public void Print(string name, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return;
        lock (_gate)
        {
            if (_name != name)
                FlushLocked();
            _name = name;
            _text.Append(text);
            if (_text.Length >= FullAt || Stopwatch.GetElapsedTime(_sent) > _patience)
                FlushLocked();
            else if (!_waiting)
                Schedule();
        }
    }

    /// <summary>Sends all text so far.</summary>
    public void Flush()
    {
        lock (_gate)
            FlushLocked();
    }

    private void Schedule()
    {
        _waiting = true;
        using (ExecutionContext.SuppressFlow())
            _timer ??= new Timer(_ => Flush());
        _timer.Change(_patience, Timeout.InfiniteTimeSpan);
    }

    private void FlushLocked()
    {
        _waiting = false;
        if (_text.Length == 0)
            return;
        _sent = Stopwatch.GetTimestamp();
        var text = _text.ToString();
        _text.Clear();
        host.Emit(new CellOutput.Printed(_name, text));
    }
}
