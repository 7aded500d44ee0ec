using System.Diagnostics;
using System.Threading.Channels;
using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Running.Kernel;

// Runs one cell in the kernel process and returns when it has ended, whatever it does: when its time is over, or the user
// gives up, it is asked to stop, and after the grace time the process is killed.
internal sealed class CellExecution(KernelProcess kernel, Action<int, CellOutput> show, Action tick, CancellationToken cancellation)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    // For what the process itself printed during the cell, and for its end after a kill.
    private static readonly TimeSpan RawTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(4);

    /// <summary>Waits for the process to be ready.</summary>
    /// <param name="limit">At most this long; null: as long as the process may take.</param>
    public Task<KernelOutcome> Ready(TimeSpan? limit) => Wait(0, limit);

    /// <summary>Runs a cell.</summary>
    /// <param name="id">Positive, and new.</param>
    /// <param name="code">The cell's text.</param>
    /// <param name="language">Null: by its first line, else the session's default.</param>
    /// <param name="limit">At most this long; null: without end.</param>
    public Task<KernelOutcome> Run(int id, string code, string? language, TimeSpan? limit)
    {
        _ = kernel.Send(KernelMessage.Execute(id, code, language));
        return Wait(id, limit);
    }

    private async Task<KernelOutcome> Wait(int id, TimeSpan? limit)
    {
        var clock = Stopwatch.StartNew();
        var ticked = TimeSpan.Zero;
        KernelStatus? stopping = null;
        CellOutcome? done = null;
        var (rawEnds, killed) = (0, false);
        var until = limit ?? TimeSpan.MaxValue;
        while (true)
        {
            if (clock.Elapsed > until || (stopping is null && cancellation.IsCancellationRequested))
            {
                if (done is not null)
                    return Outcome(stopping, done);
                if (killed)
                    return new KernelOutcome(stopping!.Value, How: "did not end when it was killed");
                if (stopping is null)
                {
                    stopping = cancellation.IsCancellationRequested ? KernelStatus.Cancelled : KernelStatus.TimedOut;
                    _ = kernel.Send(KernelMessage.Interrupt());
                    until = clock.Elapsed + kernel.Grace;
                }
                else
                {
                    kernel.Kill();
                    killed = true;
                    until = clock.Elapsed + KillTime;
                }
            }
            switch (await Next())
            {
                case KernelEvent.Hello when id == 0:
                    return new KernelOutcome(stopping ?? KernelStatus.Ok);
                // Why it stopped is for the runner to say.
                case KernelEvent.Output { Content: CellOutput.Error { Name: "Interrupted" } } when stopping is not null:
                    break;
                case KernelEvent.Output output:
                    show(output.Id, output.Content);
                    break;
                case KernelEvent.Raw raw:
                    show(id, new CellOutput.Printed(raw.Name, raw.Text));
                    break;
                case KernelEvent.RawEnd end when end.Id == id:
                    rawEnds++;
                    break;
                case KernelEvent.Done end when end.Id == id:
                    done = end.Outcome;
                    until = clock.Elapsed + RawTime;
                    break;
                case KernelEvent.Ended when done is not null:
                    return Outcome(stopping, done);
                case KernelEvent.Ended ended:
                    return new KernelOutcome(stopping ?? KernelStatus.Died, How: ended.How);
            }
            if (done is not null && rawEnds == 2)
                return Outcome(stopping, done);
            if (clock.Elapsed - ticked > Tick)
            {
                ticked = clock.Elapsed;
                tick();
            }
        }
    }

    private static KernelOutcome Outcome(KernelStatus? stopping, CellOutcome done) =>
        new(stopping ?? (done.Status == CellStatus.Ok ? KernelStatus.Ok : KernelStatus.Error), done.Error, done.ExecutionCount);

    // Null when nothing came for a tick.
    private async Task<KernelEvent?> Next()
    {
        if (kernel.Events.TryRead(out var ready))
            return ready;
        using var patience = new CancellationTokenSource(Tick);
        try
        {
            return await kernel.Events.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (ChannelClosedException)
        {
            return new KernelEvent.Ended("has ended");
        }
    }
}
