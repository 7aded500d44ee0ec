using System.Diagnostics;
using Recipes.Notebook.Cells;
using Recipes.Notebook.Documents;
using Recipes.Notebook.Running.Kernel;
using Recipes.Notebook.Running.Parameters;

namespace Recipes.Notebook.Running;

// One run: starts the kernel process, runs cell after cell, and writes what they show into the document.
internal sealed class RunLoop(
    PreparedNotebook notebook,
    string? output,
    NotebookRunOptions options,
    RunSaver saver,
    INotebookRunObserver? observer,
    CancellationToken cancellation
) : IAsyncDisposable
{
    private const string RaisesTag = "raises-exception";

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly DateTimeOffset _started = DateTimeOffset.Now;
    private readonly OutputRecorder _recorder = new();
    private readonly Dictionary<CellRun, OutputLimit> _limits = [];
    private KernelProcess? _kernel;
    private bool _ready;
    private bool _timedOut;

    private TimeSpan? Left => options.Timeout - _clock.Elapsed;

    public async Task<NotebookRun> Run(KernelLaunch launch)
    {
        observer?.Started(Result());
        foreach (var cell in notebook.Cells)
        {
            if (cancellation.IsCancellationRequested || (_timedOut |= Left is { Ticks: <= 0 }))
                break;
            if (PreparedNotebook.Skips(cell))
            {
                cell.Status = CellRunStatus.Skipped;
                observer?.CellEnded(cell);
                continue;
            }
            _kernel ??= KernelProcess.Start(launch);
            observer?.CellStarted(cell);
            await Run(cell, _kernel);
            observer?.CellEnded(cell);
            saver.SaveIfDue();
            if (!_kernel.Alive || (cell.Bad && !options.KeepGoing))
                break;
        }
        // Tasks of cells that had ended may have shown more.
        foreach (var (cell, limit) in _limits)
            Record(cell, limit.Rest());
        return Result();
    }

    public ValueTask DisposeAsync() => _kernel?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task Run(CellRun cell, KernelProcess kernel)
    {
        var clock = Stopwatch.StartNew();
        var execution = new CellExecution(
            kernel,
            (number, shown) => Show(number == 0 ? cell : notebook.Cells[number - 1], shown),
            () =>
            {
                observer?.Tick(cell, clock.Elapsed);
                saver.SaveIfDue();
            },
            cancellation
        );
        var (limit, option) = (Left, RunErrors.Timeout);
        var started = _ready;
        var outcome = new KernelOutcome(KernelStatus.Ok);
        if (!started)
            outcome = await execution.Ready(limit);
        _ready = outcome.Status == KernelStatus.Ok;
        _limits[cell] = new OutputLimit(options.OutputLimit);
        _recorder.Start(cell.Cell);
        if (_ready)
        {
            clock.Restart();
            (limit, option) =
                options.CellTimeout < (Left ?? TimeSpan.MaxValue)
                    ? (options.CellTimeout, RunErrors.CellTimeout)
                    : (Left, RunErrors.Timeout);
            outcome = await execution.Run(cell.Number, cell.Cell.Source, cell.Cell.Language, limit);
            cell.Seconds = clock.Elapsed.TotalSeconds;
        }
        Record(cell, _limits[cell].Rest());
        End(cell, kernel, outcome, option);
    }

    private void End(CellRun cell, KernelProcess kernel, KernelOutcome outcome, string option)
    {
        cell.Cell.ExecutionCount = outcome.Count;
        var promised = cell.Cell.Tags.Contains(RaisesTag);
        (cell.Status, cell.Error) = outcome.Status switch
        {
            KernelStatus.Ok when promised => (CellRunStatus.Failed, RunErrors.NothingRaised()),
            KernelStatus.Error when promised => (CellRunStatus.Passed, null),
            KernelStatus.Ok => (CellRunStatus.Passed, null),
            KernelStatus.Error => (CellRunStatus.Failed, outcome.Error ?? RunErrors.Unknown()),
            KernelStatus.TimedOut => (CellRunStatus.TimedOut, RunErrors.TimedOut(options, option, outcome, kernel.Grace)),
            KernelStatus.Cancelled => (CellRunStatus.Interrupted, RunErrors.Interrupted(outcome, kernel.Grace)),
            _ => (CellRunStatus.KernelDied, RunErrors.Died(outcome, kernel.LastWords, _ready)),
        };
        // The session itself has shown the exception of a cell.
        if (cell.Error is { } error && outcome is not { Status: KernelStatus.Error, Error: not null })
            Show(cell, error);
    }

    private void Show(CellRun cell, CellOutput shown)
    {
        Record(cell, _limits.TryGetValue(cell, out var limit) ? limit.Take(shown) : [shown]);
        observer?.Output(cell, shown);
    }

    private void Record(CellRun cell, IEnumerable<CellOutput> kept)
    {
        foreach (var one in kept)
        {
            _recorder.Record(cell.Cell, one);
            saver.Changed();
        }
    }

    private NotebookRun Result() =>
        new(notebook.File, output, NotebookParameters.Values(notebook.Document), notebook.Cells, _started, _clock.Elapsed.TotalSeconds)
        {
            Document = notebook.Document,
            Interrupted = cancellation.IsCancellationRequested && notebook.Cells.Any(c => c.Status == CellRunStatus.NotReached),
            TimedOut = _timedOut,
        };
}
