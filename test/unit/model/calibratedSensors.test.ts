import fc from 'fast-check';
import { calibratedSensors } from '../../../src/model/calibratedSensors.ts';

it('finds the sensors of a calibration, in the order in which it names them', () => {
  const points = [{ levels: { pi9: -60 } }, { levels: { pi5: -60, pi9: -70 } }];
  expect(calibratedSensors(JSON.stringify({ points }))).toEqual(['pi9', 'pi5']);
});

it('finds those of calibrations of zones, whatever other lines say', () => {
  const lines = ['{"zone_id":1,"vectors":[{"PI5":3},{"pi7":-2,"a b":1}]}', 'torn {', '{"x":1}', ''];
  expect(calibratedSensors(lines.join('\n'))).toEqual(['pi5', 'pi7']);
});

it('finds none in anything else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      expect(calibratedSensors(text)).toEqual([]);
    }),
  );
});
