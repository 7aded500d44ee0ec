using TorchSharp;

namespace Recipes.Training;

/// <summary>
/// Live tensors of the loop, the model and the objective in this thread. A source may hold batches ahead, made in this thread or
/// in another (TorchSharp counts per thread), so of all that happens while a batch is fetched only that batch is counted.
/// </summary>
internal sealed class LiveTensors
{
    private const int TensorsPerBatch = 2;
    private long _adopted;
    private int _steps;

    /// <summary>After this process's second step, or its first if there is only one.</summary>
    public long Early { get; private set; }

    /// <summary>After the last step so far.</summary>
    public long Late { get; private set; }

    /// <summary>Counts between steps.</summary>
    public void Count()
    {
        Late = DisposeScopeManager.Statistics.ThreadTotalLiveCount + _adopted;
        if (++_steps <= 2)
            Early = Late;
    }

    /// <summary>Brackets the arrival of one batch.</summary>
    public IDisposable Adopting() => new Arrival(this, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

    private sealed class Arrival(LiveTensors owner, long before) : IDisposable
    {
        public void Dispose() => owner._adopted += TensorsPerBatch - (DisposeScopeManager.Statistics.ThreadTotalLiveCount - before);
    }
}
