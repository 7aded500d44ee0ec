using System.Text.Json;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>The cases of an OpenLM golden: ids, a step with the cache, embeddings, upstream's rotary base, losses and gradients.</summary>
internal static class OpenLmParity
{
    private const int MaskedRow = 1;
    private const int MaskedTargets = 20;

    public static OpenLmSpec Spec(GoldenFile golden, OpenLmSpec spec)
    {
        var normed = golden.Variant.EndsWith("-qknorm", StringComparison.Ordinal);
        return spec.WithRotaryBase(golden.Scales.RopeBase) with { QueryKeyNorm = normed, GainOnly = normed };
    }

    public static IEnumerable<ParityCheck> Compare(string file, GoldenFile golden, Decoder model, ModuleTaps taps)
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var z = json.RootElement.GetProperty("z_loss_coefficient").GetDouble();
        var (tokens, tokensCheck) = DecoderParity.Tokens(golden, "input:openlm:tokens", model.Spec.Vocabulary);
        var (embeds, embedsChecks) = DecoderParity.Signed(golden, "input:openlm:embeds");
        var (ids, targets) = (tokens[.., ..^1], tokens[.., 1..].contiguous());
        var outputs = Outputs(golden, model, ids, targets, embeds, z);
        var gradients = json
            .RootElement.GetProperty("gradients")
            .EnumerateObject()
            .SelectMany(loss => Gradients(loss, model, ids, targets, z));
        return [tokensCheck, .. embedsChecks, .. taps.Compare(golden.Checkpoints), .. outputs, .. gradients];
    }

    private static List<ParityCheck> Outputs(GoldenFile golden, Decoder model, Tensor ids, Tensor targets, Tensor embeds, double z)
    {
        using var _ = no_grad();
        var hidden = model.Hidden(model.Embed(ids));
        var logits = model.Logits(hidden);
        var rotary = RotaryTable.Of(
            arange(ids.shape[1]),
            RotaryTable.Frequencies(model.Spec.HeadWidth, model.Spec.RotaryBase),
            ScalarType.Float32
        );
        var masked = targets.clone();
        masked[MaskedRow, ..MaskedTargets] = TokenLoss.Ignored;
        Tensor Loss(Tensor labels, double weight) => TokenLoss.CrossEntropy(logits, labels, weight).reshape(1);
        return
        [
            .. DecoderParity.Outputs(
                golden,
                record =>
                    record.Name switch
                    {
                        "rope_cos" => DecoderParity.Both(rotary.Cosine),
                        "rope_sin" => DecoderParity.Both(rotary.Sine),
                        "hidden" => hidden,
                        "logits" => logits,
                        "logits_last" => model.NextOf(hidden),
                        "cached_step.logits" => Step(model, ids),
                        "embeds.logits" => model.Logits(model.Hidden(embeds)),
                        "base10000.logits" => OtherBase(golden, (OpenLmSpec)model.Spec, ids),
                        "loss.cross_entropy" => Loss(targets, 0),
                        "loss.with_z" => Loss(targets, z),
                        "loss.z" => Loss(targets, z) - Loss(targets, 0),
                        "loss.masked_cross_entropy" => Loss(masked, 0),
                        "loss.masked_with_z" => Loss(masked, z),
                        _ when record.Name.StartsWith("probe:", StringComparison.Ordinal) => DecoderParity.Probe(model, record),
                        _ => null,
                    }
            ),
        ];
    }

    private static Tensor Step(Decoder model, Tensor ids)
    {
        using var cache = model.Cache();
        using var before = model.Next(ids[.., ..^1], cache);
        return model.Next(ids[.., ^1..], cache);
    }

    private static Tensor OtherBase(GoldenFile golden, OpenLmSpec spec, Tensor ids)
    {
        using var other = DecoderParity.Seeded(spec.WithRotaryBase(10_000), golden.Scales with { RopeBase = 10_000 });
        return other.call(ids);
    }

    private static IEnumerable<ParityCheck> Gradients(JsonProperty loss, Decoder model, Tensor ids, Tensor targets, double z)
    {
        model.zero_grad();
        using (NewDisposeScope())
            TokenLoss.CrossEntropy(model.call(ids), targets, loss.Name == "loss.with_z" ? z : 0).backward();
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        yield return ParityCheck.Equal(loss.Name, "gradients", loss.Value.GetArrayLength(), parameters.Count);
        foreach (var row in loss.Value.EnumerateArray())
        {
            var record = row.Deserialize(GoldenJson.Default.GoldenTensor)!;
            var name = $"{loss.Name} by {record.Name}";
            if (!parameters.TryGetValue(record.Name, out var parameter) || parameter.grad is not { } gradient)
            {
                yield return new ParityCheck(name, "gradient", double.PositiveInfinity, "no gradient");
                continue;
            }
            foreach (var check in TensorParity.Compare(record with { Name = name }, gradient))
                yield return check;
            using var wide = gradient.to(ScalarType.Float64);
            var (sum, absolute, noise) = (Number("sum"), Number("abs_sum"), Number("fp64_sum_diff"));
            var tolerance = 10 * noise + 1e-6 * absolute;
            yield return TensorParity.Close(name, "sum", sum, wide.sum().item<double>(), tolerance);
            yield return TensorParity.Close(name, "sum of absolute values", absolute, wide.abs().sum().item<double>(), tolerance);
            double Number(string field) => row.GetProperty(field).GetDouble();
        }
        model.zero_grad();
    }
}
