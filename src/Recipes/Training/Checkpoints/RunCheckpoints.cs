using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recipes.Weights;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Saves and restores a whole run: module, optimizer, average, sums and history. Streams need no state: they are
/// entered by seed, name and step.</summary>
internal sealed class RunCheckpoints
{
    private const string ModelPrefix = "model.";
    private readonly TrainOptions _options;
    private readonly RunIdentity _identity;
    private readonly CheckpointFolder? _folder;
    private readonly Stopwatch _age = Stopwatch.StartNew();

    public RunCheckpoints(TrainOptions options, RunIdentity identity)
    {
        (_options, _identity) = (options, identity);
        _folder = options.Folder is { } folder ? new CheckpointFolder(folder) : null;
    }

    public bool Enabled => _folder is not null;

    /// <summary>The checkpoint that a resume would use.</summary>
    public string? Newest => _folder?.Files() is [var newest, ..] ? newest : null;

    /// <summary>Whether one is due after this step.</summary>
    public bool Due(long step) =>
        Enabled && ((_options.CheckpointSteps is { } every && step % every == 0) || _age.Elapsed >= _options.CheckpointInterval);

    /// <summary>Writes one and removes those that are too old.</summary>
    /// <returns>Its path.</returns>
    public string Save(TrainState state, RunTotals totals, TrainingRun run)
    {
        var path = _folder!.PathOf(state.Step);
        var tensors = Tensors(state.Module, run).ToList();
        var json = new JsonObject
        {
            ["identity"] = _identity.Json.DeepClone(),
            ["step"] = state.Step,
            ["optimizerSteps"] = run.Optimizer.Steps,
            ["learningRate"] = state.LearningRate,
            ["weightDecay"] = state.WeightDecay,
            ["totals"] = JsonSerializer.SerializeToNode(totals with { EarlierSeconds = run.Elapsed.TotalSeconds }, RunIdentity.Options),
            ["sha256"] = Digest(tensors.Select(t => (t.Key, (Action<Stream>)(s => TensorBytes.WriteTo(s, t.Value))))),
        };
        Checkpoint.Save(path, Fingerprint.Of(state.Module.GetType().Name, state.Module, _identity.Hash), tensors, json);
        _folder.Prune();
        _age.Restart();
        return path;
    }

    /// <summary>Goes on from the newest readable checkpoint when that is asked for.</summary>
    /// <returns>What was passed over, to be said as warnings.</returns>
    /// <exception cref="RecipesException">There are checkpoints, but of another run or all damaged.</exception>
    public IReadOnlyList<string> Restore(TrainState state, RunTotals totals, TrainingRun run)
    {
        if (_folder is null)
            return [];
        if (!_options.Resume)
        {
            _folder.Clear();
            return [];
        }
        _folder.RemoveLeftovers();
        var damaged = new List<string>();
        foreach (var path in _folder.Files())
        {
            using var checkpoint = Open(path, damaged);
            if (checkpoint is null)
                continue;
            CheckIdentity(path, checkpoint, state.Module);
            Restore(checkpoint, state, totals, run);
            return damaged;
        }
        RecipesException.ThrowIfAny($"{_options.Folder}: no checkpoint can be read; begin anew without --resume:", damaged);
        return damaged;
    }

    private static Checkpoint? Open(string path, List<string> damaged)
    {
        Checkpoint? checkpoint = null;
        try
        {
            checkpoint = Checkpoint.Open(path);
            var file = checkpoint.File;
            var found = Digest(file.Entries.Select(e => (e.Name, (Action<Stream>)(s => s.Write(file.Bytes(e.Name))))));
            var saved = (string?)checkpoint.State["sha256"];
            if (found != saved)
                throw new RecipesException(
                    $"{path}: the values were changed after they were saved (SHA-256 {found[..16]}…, saved {saved?[..16]}…)."
                );
            return checkpoint;
        }
        catch (RecipesException e)
        {
            checkpoint?.Dispose();
            damaged.Add(e.Message + " An older checkpoint is tried.");
            return null;
        }
    }

    private void CheckIdentity(string path, Checkpoint checkpoint, nn.Module module)
    {
        var differences = _identity.Differences(checkpoint.State["identity"] as JsonObject).ToList();
        var wanted = Fingerprint.Of(module.GetType().Name, module);
        if (checkpoint.Fingerprint.Model != wanted.Model)
            differences.Add($"model: checkpoint {checkpoint.Fingerprint.Model}, now {wanted.Model}");
        else if (checkpoint.Fingerprint.Keys != wanted.Keys)
            differences.Add($"model: {wanted.Model} has other parameters than in the checkpoint, in name, type or shape");
        RecipesException.ThrowIfAny($"{path} belongs to another run; begin anew without --resume, or choose another folder:", differences);
    }

    private static void Restore(Checkpoint checkpoint, TrainState state, RunTotals totals, TrainingRun run)
    {
        using var _ = no_grad();
        var json = checkpoint.State;
        checkpoint.Load(ModelPrefix, state.Module);
        foreach (var (name, tensor) in Extra(run))
            checkpoint.File.CopyTo(name, tensor);
        state.Step = (long)json["step"]!;
        state.LearningRate = (double)json["learningRate"]!;
        state.WeightDecay = (double)json["weightDecay"]!;
        run.Optimizer.Steps = (long)json["optimizerSteps"]!;
        totals.CopyFrom(json["totals"].Deserialize<RunTotals>(RunIdentity.Options)!);
    }

    private static IEnumerable<KeyValuePair<string, Tensor>> Tensors(nn.Module module, TrainingRun run) =>
        Checkpoint.Under(ModelPrefix, StateDict.Of(module)).Concat(Extra(run).Select(t => KeyValuePair.Create(t.Name, t.Tensor)));

    private static IEnumerable<(string Name, Tensor Tensor)> Extra(TrainingRun run) =>
        [
            .. run.Optimizer.Tensors().Select(t => ("optimizer." + t.Name, t.Tensor)),
            .. run.Weights.Groups.Where(g => !ReferenceEquals(g.Master, g.Values)).Select(g => ("exact." + g.Name, g.Master)),
            .. run.Ema?.Tensors().Select(t => ("ema." + t.Name, t.Tensor)) ?? [],
        ];

    // Over names and values, in order of the names.
    private static string Digest(IEnumerable<(string Name, Action<Stream> Write)> parts)
    {
        using var sha = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        {
            foreach (var (name, write) in parts.OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                stream.Write(Encoding.UTF8.GetBytes(name));
                write(stream);
            }
        }
        return Convert.ToHexStringLower(sha.Hash!);
    }
}
