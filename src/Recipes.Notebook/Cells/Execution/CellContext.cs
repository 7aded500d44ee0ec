namespace Recipes.Notebook.Cells.Execution;

/// <summary>
/// One run of a cell: where its output goes. It flows to every task and thread that the cell starts, so what they print later
/// still reaches the cell that started them.
/// </summary>
internal sealed class CellContext(ICellHost host, int count, CancellationToken cancellation) : IDisposable
{
    private static readonly AsyncLocal<CellContext?> _current = new();

    /// <summary>The cell to which the running code belongs, or null outside cells.</summary>
    public static CellContext? Current
    {
        get => _current.Value;
        set => _current.Value = value;
    }

    public CellOutputs Outputs { get; } = new(host);

    public ICellHost Host { get; } = host;

    public int Count { get; } = count;

    /// <summary>Cancelled when the cell is interrupted, a moment before its thread is aborted.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>An exception of a callback that nobody awaits (async void) while the cell ran.</summary>
    public Exception? Stray { get; set; }

    /// <summary>Asks the user for a line, after everything printed so far.</summary>
    public string ReadLine(string prompt, bool password)
    {
        Outputs.Flush();
        return Host.ReadLine(prompt, password);
    }

    public void Dispose() => Outputs.Flush();
}
