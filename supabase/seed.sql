-- A demo store. Written by `npm run seed:zones`; edit zones.csv and sensors.csv, not this file.
insert into public.organisations (id, name) values
  ('6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', 'Demo organisation')
on conflict (id) do nothing;

insert into public.stores (id, org_id, store_name, time_zone, settings) values
  ('6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', 'Demo store', 'Asia/Seoul', '{"bursts_per_person_minute":1.05}')
on conflict (id) do nothing;

-- The floor plan's y is position_z: in the database y points up.
insert into public.zones_dim (id, org_id, store_id, zone_code, zone_name, zone_type,
  position_x, position_y, position_z, is_active) values
  ('6d3aed9e-f6fb-5dcb-8859-dfce59635c54', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '1', 'Entrance', 'entrance', 10, 0, 1.4, true),
  ('bbef74bc-c110-50b6-beda-e981365ad150', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '2', 'Window West', 'display', 4, 0, 1.6, true),
  ('e8462898-5a41-5059-96e4-99f9c67cb2bf', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '3', 'Window East', 'display', 16, 0, 1.6, true),
  ('926d6a23-b286-5590-b65f-246319a241e0', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '4', 'New Arrivals', 'display', 6.4, 0, 4.8, true),
  ('5baa5319-e7cf-5368-9f8a-fb3f0d747abf', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '5', 'Promotion', 'display', 13.6, 0, 4.8, true),
  ('df5825ae-afea-5a0e-a982-bdfe1bc07e52', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '6', 'Aisle South-West', 'aisle', 2, 0, 5.4, true),
  ('4c6dc7fb-cf2e-552d-95f4-29f7c2f82f73', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '7', 'Aisle South-East', 'aisle', 18, 0, 5.4, true),
  ('fc7aaed3-11ca-5910-94fb-efafcfc63837', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '8', 'Central Aisle', 'aisle', 10, 0, 6.2, true),
  ('b53655d2-38f7-5c78-945b-e3bc010a66ba', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '9', 'Menswear', 'display', 2.2, 0, 9.4, true),
  ('9d768fe8-d3d5-50e3-84af-c0e318dabeec', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '10', 'Accessories', 'display', 6.2, 0, 8.8, true),
  ('8e534f2c-c991-5f9a-baa0-3cc038330180', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '11', 'Cosmetics', 'display', 13.8, 0, 8.8, true),
  ('363dc785-1b06-56a3-bc5c-49f09f4f5a56', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '12', 'Womenswear', 'display', 17.8, 0, 9.4, true),
  ('b9ade82c-cf61-5a4f-8505-4e803faaa6b6', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '13', 'Centre Table', 'display', 10, 0, 10, true),
  ('d90ce369-f5db-572f-8ef7-88020876d518', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '14', 'Shoes', 'display', 5.2, 0, 12.8, true),
  ('9c31b839-9492-54fc-932a-fddaf4190ee6', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '15', 'Kids', 'display', 14.8, 0, 12.8, true),
  ('467e0412-f3c3-5d75-b156-4ea036484929', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '16', 'Queue', 'aisle', 10, 0, 13.6, true),
  ('5006468b-15f6-5031-94d0-03bf069c98e4', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '17', 'Fitting Rooms West', 'fitting', 2.6, 0, 15.8, true),
  ('d69c9280-7315-541b-80fe-bd9d826546a1', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '18', 'Checkout', 'checkout', 10, 0, 16.9, true),
  ('f595b9e1-aab7-5e12-b8b8-51915aa4b520', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', '19', 'Fitting Rooms East', 'fitting', 17.4, 0, 15.8, true)
on conflict (id) do update set
  zone_name = excluded.zone_name,
  zone_type = excluded.zone_type,
  position_x = excluded.position_x,
  position_y = excluded.position_y,
  position_z = excluded.position_z,
  is_active = excluded.is_active;

update public.zones_dim set is_active = false
where store_id = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02' and is_active
  and zone_code not in ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19');

insert into public.sensors (id, org_id, store_id, sensor_code,
  position_x, position_y, position_z, offset_db, is_active) values
  ('dd3534d3-57ae-5399-a1b7-59abdcdf303d', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', 'pi1', 5, 2.5, 0.2, 0, true),
  ('33cfa942-7ec3-58d3-8f6c-228957cb3d58', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', 'pi2', 15, 2.5, 0.2, 0, true),
  ('4ac587f0-8bc0-5003-9454-7b749933d803', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', 'pi3', 19.8, 2.5, 5, 0, true),
  ('2fa2adc2-2454-56bf-9ee4-43b6eeeda713', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', 'pi4', 19.8, 2.5, 13, 0, true),
  ('f36c4071-f2fe-5b59-b5e6-544430a0cc1a', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', 'pi5', 15, 2.5, 17.8, 0, true),
  ('6877fbd7-3230-574c-b45d-efd3e952c54a', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', 'pi6', 5, 2.5, 17.8, 0, true),
  ('d0d72887-2691-5626-81b2-5431401a373a', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', 'pi7', 0.2, 2.5, 13, 0, true),
  ('ceac632e-9d6a-5838-8639-7f3921acfdbd', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01', '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02', 'pi8', 0.2, 2.5, 5, 0, true)
on conflict (id) do update set
  position_x = excluded.position_x,
  position_y = excluded.position_y,
  position_z = excluded.position_z,
  offset_db = excluded.offset_db,
  is_active = excluded.is_active;

update public.sensors set is_active = false
where store_id = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02' and is_active
  and sensor_code not in ('pi1', 'pi2', 'pi3', 'pi4', 'pi5', 'pi6', 'pi7', 'pi8');
