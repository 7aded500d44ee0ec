using System.Diagnostics;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>One run of the loop that <see cref="TrainingEvent"/> describes; it owns everything mutable.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainPlan _plan;
    private readonly IBatchSource _train;
    private readonly IBatchSource? _test;
    private readonly TrainOptions _options;
    private readonly IReadOnlyList<ITrainingAlgorithm> _algorithms;
    private readonly TrainState _state;
    private readonly RunTotals _totals = new();
    private readonly RunClock _clock;
    private readonly LiveTensors _live = new();
    private readonly RunCheckpoints _checkpoints;
    private readonly Tensor _like;
    private readonly bool _channelsLast;
    private Evaluation? _final;
    private Evaluation? _finalEma;

    public TrainingRun(nn.Module module, TrainPlan plan, IBatchSource train, IBatchSource? test, TrainOptions options)
    {
        (_plan, _train, _test, _options) = (plan, train, test, options);
        _algorithms = [.. Algorithms.Of(plan), .. options.Algorithms];
        Weights = new FlatState(module, plan.Optimizer);
        Optimizer = FlatOptimizer.Create(plan.Optimizer, Weights);
        Ema = plan.Ema is { } decay ? new Ema(Weights, decay, plan.EmaWarmup) : null;
        var steps = train.BatchesPerEpoch / plan.Accumulate;
        _state = new TrainState(plan, module, train.Classes, Weights)
        {
            StepsPerEpoch = steps,
            TotalSteps = Math.Min((long)plan.Epochs * steps, plan.MaxSteps ?? long.MaxValue),
        };
        _like = module.parameters().First(p => p.is_floating_point());
        _channelsLast = Layout.ChannelsLastFor(plan.ChannelsLast, _like);
        _checkpoints = new RunCheckpoints(options, RunIdentity.Of(plan, train, options.Objective, _algorithms));
        _clock = new RunClock(_totals);
    }

    public FlatState Weights { get; }

    public FlatOptimizer Optimizer { get; }

    public Ema? Ema { get; }

    public TimeSpan Elapsed => _clock.Elapsed;

    public TrainResult Run()
    {
        Resume();
        var resumedAt = _state.Step;
        _state.Module.train();
        Raise(TrainingEvent.TrainingStart);
        while (_totals.CompletedEpochs < _plan.Epochs && (_state.Step < _state.TotalSteps || _totals.Images > 0))
        {
            Epoch();
            Evaluate();
            EndEpoch();
        }
        // A finished run that is resumed takes no step, but its outcome is asked for.
        if (_final is null)
            Evaluate();
        Raise(TrainingEvent.TrainingEnd);
        return Result(resumedAt);
    }

    public void Dispose()
    {
        Ema?.Dispose();
        Optimizer.Dispose();
        Weights.Dispose();
    }

    private void Epoch()
    {
        _state.Epoch = _totals.CompletedEpochs;
        Weights.CheckIdentity();
        Raise(TrainingEvent.EpochStart);
        var end = Math.Min((long)(_state.Epoch + 1) * _state.StepsPerEpoch, _state.TotalSteps);
        if (_state.Step >= end)
            return;
        var first = (int)(_state.Step - (long)_state.Epoch * _state.StepsPerEpoch) * _plan.Accumulate;
        using var batches = _train.Epoch(new EpochRequest(_state.Epoch, first, _state.Size, _state.Strength)).GetEnumerator();
        _clock.Start();
        while (_state.Step < end)
        {
            Step(batches);
            _live.Count();
            Raise(TrainingEvent.StepEnd);
            var last = _state.Step == end;
            if (_options.Cancellation.IsCancellationRequested)
                Cancel();
            else if (!last && _checkpoints.Due(_state.Step))
                Checkpoint();
        }
        _clock.Stop();
    }

    private void Step(IEnumerator<Batch> batches)
    {
        using var scope = NewDisposeScope();
        _state.LearningRate = _plan.Optimizer.LearningRate * Factor(_plan.LearningRate);
        _state.WeightDecay = _plan.Optimizer.WeightDecay * Factor(_plan.WeightDecay);
        using var kept = _plan.NonFinite == NonFinite.SkipStep ? Weights.KeepStatistics() : null;
        Weights.ZeroGradients();
        var (loss, images) = (0.0, 0);
        for (_state.Micro = 0; _state.Micro < _plan.Accumulate; _state.Micro++)
        {
            using var batch = Next(batches);
            loss += Backward(batch) / _plan.Accumulate;
            images += batch.Count;
        }
        _state.Micro = 0;
        _state.GradientNorm = Weights.GradientNorm();
        var finite = double.IsFinite(loss) && double.IsFinite(_state.GradientNorm);
        if (finite)
        {
            Raise(TrainingEvent.GradientsReady);
            Optimizer.Step(_state.LearningRate, _state.WeightDecay);
            Ema?.Update(Optimizer.Steps - 1);
            Raise(TrainingEvent.Stepped);
        }
        else if (_plan.NonFinite == NonFinite.SkipStep)
            kept!.PutBack();
        else
            throw NotFinite(loss);
        _state.Step++;
        _totals.Add(loss, images, finite);
        _clock.Lap(images);
    }

    private double Backward(Batch batch)
    {
        using var scope = NewDisposeScope();
        manual_seed((long)(_state.Stream("dropout").NextUInt64() >> 1));
        (_state.Inputs, _state.Targets) = (Layout.Prepare(batch.Inputs, _like, channelsLast: false), batch.Targets.to(_like.device));
        _state.Indices = batch.Indices;
        _state.More = batch.More.ToDictionary(m => m.Key, m => m.Value.to(_like.device), StringComparer.Ordinal);
        Raise(TrainingEvent.BatchReady);
        _state.Inputs = Layout.Prepare(_state.Inputs, _like, _channelsLast);
        if (_options.Objective is ICachedObjective { Cached: true } cached)
            return cached.Backward(_state, 1.0 / _plan.Accumulate);
        _state.Loss = _options.Objective.Loss(_state);
        Raise(TrainingEvent.LossReady);
        var value = _state.Loss.to(ScalarType.Float64).item<double>();
        if (double.IsFinite(value) || _plan.NonFinite == NonFinite.Stop)
            (_plan.Accumulate == 1 ? _state.Loss : _state.Loss / _plan.Accumulate).backward();
        return value;
    }

    private Batch Next(IEnumerator<Batch> batches)
    {
        using var _ = _live.Adopting();
        using var scope = NewDisposeScope();
        return batches.MoveNext()
            ? batches.Current
            : throw new RecipesException(
                $"{_train.Name}: expected {_train.BatchesPerEpoch} batches in epoch {_state.Epoch}, and it ended early."
            );
    }

    private double Factor(Schedule schedule) => schedule.At(_state.Step, _state.TotalSteps, _state.StepsPerEpoch);

    private void Evaluate()
    {
        (_final, _finalEma) = (null, null);
        var lastOne = _state.Step >= _state.TotalSteps;
        if (_test is null || !(lastOne || (_state.Epoch + 1) % _options.EvaluateEvery == 0))
            return;
        var options = new EvaluationOptions { ChannelsLast = _plan.ChannelsLast, Samples = lastOne ? _options.Samples : 0 };
        try
        {
            _final = _options.Objective.Evaluate(_state.Module, _test, options, _options.Cancellation);
            if (Ema is null)
                return;
            using var applied = Ema.Applied();
            _finalEma = _options.Objective.Evaluate(_state.Module, _test, options, _options.Cancellation);
        }
        catch (OperationCanceledException) when (_options.Cancellation.IsCancellationRequested)
        {
            Cancel();
        }
    }

    private void EndEpoch()
    {
        _totals.EndEpoch(_state, _final, _finalEma);
        Raise(TrainingEvent.EpochEnd);
        Checkpoint();
        if (_options.Cancellation.IsCancellationRequested && _state.Step < _state.TotalSteps)
            throw new TrainingCancelledException(_state.Step, _checkpoints.Newest, _options.Cancellation);
    }

    private void Cancel()
    {
        Checkpoint();
        throw new TrainingCancelledException(_state.Step, _checkpoints.Newest, _options.Cancellation);
    }

    private void Resume()
    {
        foreach (var warning in _checkpoints.Restore(_state, _totals, this))
            Raise(TrainingEvent.Warning, warning);
    }

    private void Checkpoint()
    {
        if (!_checkpoints.Enabled)
            return;
        if (!Weights.IsFinite())
            throw NotFinite(_totals.LastLoss);
        Raise(TrainingEvent.CheckpointStart);
        Raise(TrainingEvent.CheckpointEnd, _checkpoints.Save(_state, _totals, this));
    }

    private RecipesException NotFinite(double loss) =>
        new(
            $"training stopped: step {_state.Step + 1} (epoch {_state.Epoch}, learning rate {_state.LearningRate:g4}) is not finite:",
            [
                $"loss {loss}, gradient norm {_state.GradientNorm}",
                $"losses before: {string.Join(", ", _totals.Recent.Select(l => l.ToString("g5")))}",
                $"first parameter that is not finite: {Weights.FirstNotFinite() ?? "none yet"}",
                _checkpoints.Newest is { } path ? $"the last good checkpoint is {path}" : "there is no checkpoint",
                "try a lower learning rate, a longer warm-up, clipNorm, or nonFinite = SkipStep",
            ]
        );

    private void Raise(TrainingEvent moment, string? message = null)
    {
        foreach (var algorithm in _algorithms)
            algorithm.Handle(moment, _state);
        if (
            _options.Observers.Count == 0
            || moment is TrainingEvent.BatchReady or TrainingEvent.LossReady or TrainingEvent.GradientsReady or TrainingEvent.Stepped
        )
            return;
        var progress = _clock.Progress(_state, message, _options.Folder);
        foreach (var observer in _options.Observers)
            observer.Handle(moment, progress);
    }

    private TrainResult Result(long resumedAt)
    {
        using var applied = Ema?.Applied();
        using var self = Process.GetCurrentProcess();
        return new TrainResult
        {
            History = [.. _totals.History],
            Final = _final,
            FinalEma = _finalEma,
            Steps = _state.Step,
            Skipped = _totals.Skipped,
            ResumedAt = resumedAt,
            Seconds = _clock.Elapsed.TotalSeconds,
            PeakMemory = self.PeakWorkingSet64,
            LiveTensorsEarly = _live.Early,
            LiveTensorsLate = _live.Late,
            Ema = Ema is null ? null : StateDict.Snapshot(_state.Module),
        };
    }
}
